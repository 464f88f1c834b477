package upstream_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// Each call of a verification is counted with its key before it is made. One beyond the
// limit isn't made, and blames no field.
func TestCallsAreCounted(t *testing.T) {
	t.Parallel()
	s := scripted()
	entity := s.entity
	asked, limit := 0, 2
	s.entity = func(w http.ResponseWriter, r *http.Request) { asked++; entity(w, r) }
	var counted []paycor.Secret
	v := newVerifier(upstream.Config{CountCall: func(key paycor.Secret) time.Duration {
		counted = append(counted, key)
		if len(counted) > limit {
			return 17 * time.Second
		}
		return 0
	}})
	question := upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()}
	assert.Equal(t, verdicts.OutcomeVerified, v.verify(t, question).Outcome)
	key := sampleDraft().SubscriptionKey
	assert.Equal(t, []paycor.Secret{key, key}, counted, "the list and the entity, and not the token")

	verdict := v.verify(t, question)
	assert.Equal(t, verdicts.CodeRateLimited, verdict.Code)
	assert.Equal(t, 17, verdict.RetryAfter)
	assert.Empty(t, verdict.Fields)
	assert.Equal(t, 1, asked)
}
