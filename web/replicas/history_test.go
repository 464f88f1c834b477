package replicas_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

// operation is what a client asks of one thing.
type operation struct {
	of   string // a credential, or an API token
	kind string // "create", "read", "change", "use", "revoke" or "revoked"

	ifMatch     string // of a change
	description string // that a change sets
}

// outcome is what an operation resulted in.
type outcome struct {
	done        bool // the change was made, or the token accepted or revoked
	etag        string
	description string
}

// state is what a credential or a token is, as one server with one client would have it.
type state struct {
	etag, description string
	revoking, revoked bool
}

// oneServer is how a credential and a token behave where one thing happens after another. Only
// until a revocation is answered, a server may accept what another one refuses already: they
// learn of it one after the other. So it is two operations that take as long as the one.
var oneServer = porcupine.Model{
	Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
		of := map[string][]porcupine.Operation{}
		for _, one := range history {
			name := one.Input.(operation).of
			of[name] = append(of[name], one)
		}
		for _, part := range of {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return state{} },
	Step: func(before, input, output any) (possible bool, after any) {
		s, op, out := before.(state), input.(operation), output.(outcome)
		switch op.kind {
		case "create":
			return s == state{}, state{etag: out.etag, description: out.description}
		case "read":
			return out.etag == s.etag && out.description == s.description, s
		case "change":
			if !out.done {
				return op.ifMatch != s.etag, s
			}
			return op.ifMatch == s.etag && out.etag != s.etag && out.description == op.description, state{etag: out.etag, description: out.description}
		case "use":
			return s.revoking && !s.revoked || out.done == !s.revoked, s
		case "revoke":
			return true, state{revoking: true}
		default:
			return s.revoking, state{revoking: true, revoked: true}
		}
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
}

// Many clients change the same credentials, and use and revoke tokens, each request at another
// server. What they are answered could be the answers of one server that handles one request
// after another, except while a token is being revoked.
func TestHistoriesAreThoseOfOneServer(t *testing.T) {
	t.Parallel()
	c := startCluster(t, testkit.Postgres(t))
	const clients, rounds = 6, 40
	var mu sync.Mutex
	var history []porcupine.Operation
	began := time.Now()
	record := func(client int, op operation, do func() outcome) outcome {
		call := time.Since(began).Nanoseconds()
		out := do()
		end := time.Since(began).Nanoseconds()
		mu.Lock()
		defer mu.Unlock()
		history = append(history, porcupine.Operation{ClientId: client, Input: op, Call: call, Output: out, Return: end})
		return out
	}
	ask := func(token string, ifMatch, method, path string, body any) answer {
		header := bearer(token)
		if ifMatch != "" {
			header["If-Match"] = ifMatch
		}
		got, err := c.send(t.Context(), c.servers[rand.N(replicas)].address, request{Method: method, Path: "/api/v1" + path, Header: header, Body: body})
		assert.NoError(t, err)
		return got
	}
	described := func(got answer) outcome {
		assert.Less(t, got.Status, 300, got.Body)
		var now struct{ Description string }
		got.into(t, &now)
		return outcome{done: true, etag: got.Header.Get("ETag"), description: now.Description}
	}
	var ids []string
	for n := range 2 {
		draft := c.draft(paycortest.SunriseBakery)
		draft["name"] = fmt.Sprint("Contended ", n)
		created := c.api(n, "POST", "/credentials?verify=false", draft)
		id := c.savedIn(created, 201).ID
		ids = append(ids, id)
		record(0, operation{of: id, kind: "create"}, func() outcome { return described(created) })
	}
	var working sync.WaitGroup
	for client := range clients {
		working.Go(func() {
			for round := range rounds {
				id := ids[rand.N(len(ids))]
				read := record(client, operation{of: id, kind: "read"}, func() outcome { return described(ask(c.token, "", "GET", "/credentials/"+id, nil)) })
				change := operation{of: id, kind: "change", ifMatch: read.etag, description: fmt.Sprintf("client %d, round %d", client, round)}
				record(client, change, func() outcome {
					got := ask(c.token, change.ifMatch, "PATCH", "/credentials/"+id+"?verify=false", map[string]any{"description": change.description})
					if got.Status == http.StatusPreconditionFailed {
						return outcome{}
					}
					assert.Equal(t, http.StatusOK, got.Status, got.Body)
					return described(got)
				})
			}
		})
	}
	for n := range rounds {
		created := c.api(n%replicas, "POST", "/tokens", map[string]any{"name": "nightly", "rights": []string{"view"}})
		require.Equal(t, http.StatusCreated, created.Status, created.Body)
		var made struct{ ID, Token string }
		created.into(t, &made)
		var using sync.WaitGroup
		for client := range replicas {
			using.Go(func() {
				for range 6 {
					record(clients+client, operation{of: made.ID, kind: "use"}, func() outcome {
						got := ask(made.Token, "", "GET", "/environments", nil)
						assert.Contains(t, []int{http.StatusOK, http.StatusUnauthorized}, got.Status, got.Body)
						return outcome{done: got.Status == http.StatusOK}
					})
				}
			})
		}
		using.Go(func() {
			record(clients+replicas, operation{of: made.ID, kind: "revoke"}, func() outcome {
				return record(clients+replicas, operation{of: made.ID, kind: "revoked"}, func() outcome {
					return outcome{done: ask(c.token, "", "DELETE", "/tokens/"+made.ID, nil).Status == http.StatusNoContent}
				})
			})
		})
		using.Wait()
	}
	working.Wait()
	changed := 0
	for _, one := range history {
		if one.Input.(operation).kind == "change" && one.Output.(outcome).done {
			changed++
		}
	}
	t.Logf("%d operations, %d changes that were made", len(history), changed)
	assert.Positive(t, changed)
	assert.Equal(t, porcupine.Ok, porcupine.CheckOperationsTimeout(oneServer, history, timeout))
}
