package upstream_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/message"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// A malicious server in Paycor's place must not be able to exhaust memory or
// CPU with a response that is cheap to send.

func TestALongListIsReadInPart(t *testing.T) {
	for name, row := range map[string]string{"entities": `{"id":1}`, "nothing": `{}`} {
		t.Run(name, func(t *testing.T) {
			s := scripted()
			s.list = says(200, `{"userLegalEntities":[`+strings.Repeat(row+",", 100_000)+`{"legalEntityId":501123}]}`)
			verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
			assert.Equal(t, verdicts.CodeVerified, verdict.Code, "what stands too far behind is asked for by itself")
			note := verdict.Steps[3].Note
			assert.NotContains(t, note.String(), "100001")
			if name == "entities" {
				assert.Equal(t, message.Count("step.note.entities", 20000), note)
			}
		})
	}
}

func TestAnObjectOfTooManyNamesIsNone(t *testing.T) {
	names := func(n int) string {
		var body strings.Builder
		for i := range n {
			fmt.Fprintf(&body, `"n%d":1,`, i)
		}
		return body.String()
	}
	for n, want := range map[int]verdicts.Code{900: verdicts.CodeVerified, 5000: verdicts.CodeUnexpected} {
		s := scripted()
		s.token = says(200, `{`+names(n)+`"access_token":"aaaa.bbbb.cccc"}`)
		verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
		assert.Equal(t, want, verdict.Code, "%d names", n)
	}
}

func TestOfARefusalOnlyTheBeginningIsRead(t *testing.T) {
	s := scripted()
	s.token = says(400, strings.Repeat(" ", 1000)+`{"error":"invalid_client","padding":"`+strings.Repeat("x", 50<<10)+`"}`)
	verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
	assert.Equal(t, verdicts.CodeClientRejected, verdict.Code)

	s.token = says(400, `{"padding":"`+strings.Repeat("x", 64<<10)+`","error":"invalid_client"}`)
	verdict = newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
	assert.Equal(t, verdicts.CodeTokenRefused, verdict.Code, "the reason stands behind what is read")
}

func TestATokenFullOfNamesIsNotLookedForToItsEnd(t *testing.T) {
	var words []string
	for i := range 3000 {
		words = append(words, fmt.Sprintf("w%04d", i))
	}
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"name":"` + strings.Join(words, " ") + `"}`))
	s := scripted()
	s.token = says(200, `{"access_token":"aaaa.`+claims+`.cccc"}`)
	s.list = says(403, `{"title":"Forbidden","detail":"Not for w2999."}`)
	s.entity = s.list
	verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
	assert.Contains(t, verdict.Detail, "w2999", "behind the bound")
	s.list = says(403, `{"title":"Forbidden","detail":"Not for w0007."}`)
	s.entity = s.list
	verdict = newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
	assert.NotContains(t, verdict.Detail, "w0007")
}
