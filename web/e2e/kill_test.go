package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

// A server that is killed during a hundred concurrent saves has kept every save
// it acknowledged, and starts again.
func TestKillLosesNoAcknowledgedSave(t *testing.T) {
	t.Parallel()
	for _, after := range []int32{1, 30, 70} {
		t.Run(fmt.Sprintf("after %d", after), func(t *testing.T) {
			p := start(t)
			bearer, token := p.bearer(), p.token
			bakery := sample(t, paycortest.SunriseBakery).body(t)
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			var (
				working      sync.WaitGroup
				acknowledged sync.Map
				count        atomic.Int32
				reached      = make(chan struct{})
			)
			for i := range 100 {
				working.Go(func() {
					got, err := p.try(ctx, ask{Method: "POST", Path: "/api/v1/credentials?verify=false", Header: bearer,
						Body: bakery.with("name", fmt.Sprintf("Save %03d", i))})
					if err != nil || got.Status != http.StatusCreated {
						return // not acknowledged, so nothing was promised
					}
					var saved paycor.Credential
					got.into(t, &saved)
					acknowledged.Store(saved.ID, saved.Name)
					if count.Add(1) == after {
						_ = p.command.Process.Kill() // at once, while the others are still running
						close(reached)
					}
				})
			}
			select {
			case <-reached:
			case <-time.After(timeout):
				t.Fatal("the saves did not get that far")
			}
			p.expected = -1
			p.wait()
			working.Wait()
			t.Logf("killed with %d of 100 saves acknowledged", count.Load())

			p.restart()
			p.token = token
			present := map[string]bool{}
			for _, name := range p.names() {
				present[name] = true
			}
			acknowledged.Range(func(id, name any) bool {
				assert.True(t, present[name.(string)], "%v was acknowledged", name)
				got := p.api("GET", "/credentials/"+id.(string), nil)
				assert.Equal(t, http.StatusOK, got.Status, "%v opens", name)
				return true
			})
			again := p.save(bakery.with("name", "After the power cut"), "")
			require.Equal(t, "verified", string(again.State))
		})
	}
}
