package e2e_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

// form is what a person types into the overlay.
type form struct {
	Name, Description                string
	ClientID, ClientSecret, Key, LEI string
}

// sample is the form for one of the simulator's applications.
func sample(t testing.TB, application string) form {
	t.Helper()
	for _, details := range paycortest.New(paycortest.Config{}).Samples() {
		if details.Name == application {
			return form{
				Name: application, Description: "Payroll, every night",
				ClientID: details.ClientID, ClientSecret: details.ClientSecret, Key: details.PrimaryKey,
				LEI: strconv.Itoa(int(details.Entities[0].ID)),
			}
		}
	}
	t.Fatalf("the simulator has no application %q", application)
	return form{}
}

// body returns the form as the body of an API request.
func (f form) body(t testing.TB) body {
	t.Helper()
	id, err := strconv.Atoi(f.LEI)
	require.NoError(t, err)
	return body{
		"name": f.Name, "description": f.Description, "environment": "simulator",
		"client_id": f.ClientID, "client_secret": f.ClientSecret, "subscription_key": f.Key, "legal_entity_id": id,
	}
}

// fault is a fault in the form of the simulator's control endpoint.
type fault struct {
	Kind    paycortest.Kind  `json:"kind"`
	Place   paycortest.Place `json:"place,omitempty"`
	Count   int              `json:"count,omitempty"`
	DelayMS int              `json:"delay_ms,omitempty"`
	Status  int              `json:"status,omitempty"`
}

// simulator finds the simulator's address through the API.
func (p *program) simulator() *program {
	p.t.Helper()
	var known struct{ Environments []paycor.Environment }
	p.api("GET", "/environments", nil).into(p.t, &known)
	for _, environment := range known.Environments {
		if environment.Name == "simulator" {
			return &program{t: p.t, address: environment.APIURL}
		}
	}
	p.t.Fatal("the program runs without the simulator")
	return nil
}

// addFault adds a fault that affects all callers of the simulator.
func (p *program) addFault(f fault) {
	p.t.Helper()
	got := p.simulator().do(ask{Method: "POST", Path: "/simulator/applications/all/faults", Body: f})
	require.Equal(p.t, http.StatusOK, got.Status, "%s", got.Body)
}

// clearFaults removes all faults.
func (p *program) clearFaults() {
	p.t.Helper()
	got := p.simulator().do(ask{Method: "DELETE", Path: "/simulator/applications/all/faults"})
	require.Equal(p.t, http.StatusNoContent, got.Status, "%s", got.Body)
}

// tokenRequests returns how many token requests the simulator received.
func (p *program) counts() map[string]any {
	p.t.Helper()
	var seen struct{ Counts json.RawMessage }
	p.simulator().do(ask{Method: "GET", Path: "/simulator/requests"}).into(p.t, &seen)
	counts := map[string]any{}
	require.NoError(p.t, json.Unmarshal(seen.Counts, &counts))
	return counts
}
