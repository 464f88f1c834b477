package app

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// deferUpdates delays a page's updates until the test runs them, as a browser
// does: by then the work in the background has long finished.
func deferUpdates(p *credentialsPage) (come func()) {
	var waiting []func()
	p.loop.Update = func(do func()) { waiting = append(waiting, do) }
	return func() {
		for len(waiting) > 0 {
			do := waiting[0]
			waiting = waiting[1:]
			do()
		}
	}
}

func TestLateResponsesAreShown(t *testing.T) {
	t.Run("the other environment", func(t *testing.T) {
		p, service, _ := newTestPage(startOwn(sample("id1", "Birch")))
		service.peer = paycor.PeerAnswer{Works: true, Verdict: verdicts.CodeVerified.Verdict()}
		come := deferUpdates(p)
		p.detail.peer.start()
		require.True(t, p.detail.peer.running)
		come()
		assert.False(t, p.detail.peer.running)
		require.NotNil(t, p.detail.peer.answer)
		assert.True(t, p.detail.peer.answer.Works)
	})
	t.Run("the other environment, forgotten meanwhile", func(t *testing.T) {
		p, _, _ := newTestPage(startOwn(sample("id1", "Birch")))
		come := deferUpdates(p)
		p.detail.peer.start()
		p.detail.peer.reset()
		come()
		assert.Nil(t, p.detail.peer.answer)
	})
	t.Run("a read from before a verification does not replace its verdict", func(t *testing.T) {
		verified := sample("id1", "Birch").WithVerdict(verdicts.CodeVerified.Verdict())
		p, service, _ := newTestPage(startOwn(verified))
		service.one = verified
		update := p.loop.Update
		var arrive func()
		p.loop.Update = func(do func()) { arrive = do }
		p.detail.refresh()
		p.loop.Update = update
		service.verdict = verdicts.CodeServerError.Verdict()
		service.one = verified.WithVerdict(service.verdict)
		p.detail.verify()
		arrive()
		assert.Equal(t, paycor.StateNotReachable, p.detail.credential.State)
		assert.Equal(t, say("verified.not_reachable", "Birch"), p.status.text)
	})
	t.Run("a failed search for legal entities is not called stopped", func(t *testing.T) {
		p, service, document := newTestPage(startList())
		service.err = errors.New("a failure")
		come := deferUpdates(p)
		p.editor.openFor(opCreate, paycor.Credential{}, "add")
		for field, value := range map[fields.Field]string{
			fields.Environment: "sandbox", fields.ClientID: "0123456789abcdef0123",
			fields.ClientSecret: "a-secret/of+forty/characters-or-so/01234", fields.SubscriptionKey: "0123456789abcdef0123456789abcdef",
		} {
			document.Values[inputID(field)] = value
			p.editor.changed(inputID(field))
		}
		p.editor.entities.find()
		require.True(t, p.editor.entities.running, "%v", p.editor.Problems)
		come()
		assert.Empty(t, p.editor.entities.note)
		assert.NotEmpty(t, p.editor.Failure)
	})
}
