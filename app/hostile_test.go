package app

import (
	"strings"
	"sync"
	"testing"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
	"github.com/stretchr/testify/assert"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

func render(t *testing.T, p goapp.Composer) domtest.Tree {
	t.Helper()
	return domtest.Parse(t, goapp.HTMLString(p))
}

func TestHostileDataStaysInItsElements(t *testing.T) {
	// The page must have the same structure as a page of harmless data.
	pages := func(value string) []string {
		credential := sample("id1", value)
		credential.Description, credential.ClientID, credential.LegalEntityName, credential.Scope = value, value, value, value
		verdict := verdicts.Verdict{Outcome: verdicts.OutcomeRejected, Message: message.Text(value), Remedy: message.Text(value), Detail: value, CorrelationID: value, CheckedAt: noon,
			Steps: []verdicts.Step{{Name: verdicts.StepToken, State: verdicts.StepFailed, Note: message.Text(value)}}}
		credential.Verdict, credential.LastConclusive, credential.State = &verdict, &verdict, paycor.StateRejected
		list, own := startList(credential), startOwn(credential)
		for _, start := range []*api.Start{&list, &own} {
			start.Caller.Name = value
			start.Environments = []paycor.Environment{{Name: "sandbox", PortalURL: "https://portal.example/" + value}}
			start.History.Entries = []audit.Entry{{CallerName: value, Action: audit.ActionCreate, Outcome: value, At: noon}}
		}
		return []string{Body(list), Body(own)}
	}
	plain := pages("plain")
	for name, value := range domtest.Hostile {
		t.Run(name, func(t *testing.T) {
			for i, markup := range pages(value) {
				assert.Equal(t, domtest.Parse(t, plain[i]).Shape(), domtest.Parse(t, markup).Shape())
			}
			page := domtest.Parse(t, pages(value)[1])
			if strings.TrimSpace(value) == value && !strings.ContainsAny(value, "\r") {
				assert.Equal(t, domtest.AsRead(value), page.ID(t, inputID(fields.ClientID)).Attribute("value"))
			}
		})
	}
}

func TestBodyIsSafeForConcurrentUse(t *testing.T) {
	start := startList(sample("id1", "One"))
	want := domtest.Parse(t, Body(start)).Shape()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { assert.Equal(t, want, domtest.Parse(t, Body(start)).Shape()) })
	}
	all.Wait()
}
