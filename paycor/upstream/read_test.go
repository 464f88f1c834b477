package upstream_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/redact"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, c := range []struct {
		name   string
		header map[string]string
		text   string
		want   time.Duration
	}{
		{"seconds", map[string]string{"Retry-After": "17"}, "", 17 * time.Second},
		{"fractions", map[string]string{"Retry-After": "1.5"}, "", 1500 * time.Millisecond},
		{"a date", map[string]string{"Retry-After": "Wed, 04 Mar 2026 05:07:07 GMT"}, "", time.Minute},
		{"a date by the sender's clock", map[string]string{"Retry-After": "Wed, 04 Mar 2026 06:07:07 GMT", "Date": "Wed, 04 Mar 2026 06:07:00 GMT"}, "", 7 * time.Second},
		{"a date that is over", map[string]string{"Retry-After": "Wed, 04 Mar 2026 04:00:00 GMT"}, "", 0},
		{"words", nil, "Rate limit is exceeded. Try again in 9 seconds.", 9 * time.Second},
		{"words, when the header is no use", map[string]string{"Retry-After": "soon"}, "Try again in 9 seconds.", 9 * time.Second},
		{"a clock", nil, "Quota will be replenished in 01:02:03.", time.Hour + 2*time.Minute + 3*time.Second},
		{"days and a clock", nil, "Quota will be replenished in 2.01:02:03.", 49*time.Hour + 2*time.Minute + 3*time.Second},
		{"beyond belief", map[string]string{"Retry-After": "1e300"}, "", 0},
		{"below zero", map[string]string{"Retry-After": "-5"}, "", 0},
		{"no number", map[string]string{"Retry-After": "NaN"}, "", 0},
		{"nothing", nil, "Slow down.", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := upstream.Answer{Status: 429, Header: http.Header{}, Body: []byte(`{"statusCode":429,"message":"` + c.text + `"}`)}
			for name, value := range c.header {
				answer.Header.Set(name, value)
			}
			failure, _ := upstream.Read(answer, redact.Redactor{}, now)
			assert.Equal(t, c.want, failure.RetryAfter)
			assert.Equal(t, verdicts.OutcomeThrottled, failure.Verdict().Outcome)
		})
	}
}

func TestCorrelationID(t *testing.T) {
	secret := paycor.NewSecret("0123456789abcdef0123456789abcdef")
	for _, c := range []struct{ name, body, header, want string }{
		{"Paycor's", `{"correlationId":"9b1f-22","title":"a","detail":"b","source":"c"}`, "", "9b1f-22"},
		{"Paycor's in capitals", `{"CorrelationId":"9b1f-22","Title":"a","Detail":"b","Source":"c"}`, "", "9b1f-22"},
		{"the gateway's", `{"statusCode":500,"message":"Internal server error","activityId":"77aa"}`, "", "77aa"},
		{"a problem's", `{"title":"a","detail":"b","traceId":"00-1-2-00"}`, "", "00-1-2-00"},
		{"in a header", ``, "9b1f-33", "9b1f-33"},
		{"the body's before the header's", `{"correlationId":"9b1f-22","title":"a","detail":"b"}`, "9b1f-33", "9b1f-22"},
		{"no id", `{"correlationId":"see <b>below</b>","title":"a","detail":"b"}`, "", ""},
		{"too long", `{"correlationId":"` + strings.Repeat("a", 101) + `","title":"a","detail":"b"}`, "", ""},
		{"a secret", `{"correlationId":"0123456789abcdef0123456789abcdef","title":"a","detail":"b"}`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := upstream.Answer{Status: 500, Header: http.Header{"X-Correlation-Id": {c.header}}, Body: []byte(c.body)}
			failure, _ := upstream.Read(answer, redact.New(secret), time.Time{})
			assert.Equal(t, c.want, failure.CorrelationID)
			assert.Equal(t, c.want, failure.Verdict().CorrelationID)
		})
	}
}

func TestFailureNamesWhatHappened(t *testing.T) {
	failure := &upstream.Failure{Code: verdicts.CodeServerError, Status: 500, Detail: "Internal server error"}
	assert.EqualError(t, failure, "asking Paycor: server_error (status 500): Internal server error")
	assert.EqualError(t, &upstream.Failure{Code: verdicts.CodeDNS, Cause: "no such host"}, "asking Paycor: dns: no such host")
}

// Reading any response succeeds, reveals no secret, and blames no value for an
// outage.
func FuzzRead(f *testing.F) {
	const secret = "made/up+secret/of+some/length/0000000001"
	for _, body := range []string{
		``, `{`, `null`, `[]`, `"x"`, `{"error":"invalid_client"}`, `{"error":{"code":"a"}}`, `{"Title":"a","Detail":"b"}`,
		`{"statusCode":401,"message":"Access denied due to missing subscription key."}`, "\ufeff{}", `<html>`, `<`, `{"a":{"b":[{"c":"d"}]}}`,
		`{"detail":"got ` + secret + `"}`, `{"statusCode":429,"message":"in 99999999999 seconds"}`, "\xff\xfe", `{"_":1,"":2,"-":3}`,
	} {
		f.Add(401, "application/json", "AzureApiManagementKey", "17", []byte(body))
		f.Add(403, "text/html", "", "", []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, contentType, challenge, retry string, body []byte) {
		answer := upstream.Answer{Status: status, Body: body, Header: http.Header{
			"Content-Type": {contentType}, "Www-Authenticate": {challenge}, "Retry-After": {retry}, "X-Request-Id": {string(body)},
		}}
		failure, _ := upstream.Read(answer, redact.New(paycor.NewSecret(secret)), time.Unix(1e9, 0))
		for _, text := range []string{failure.Detail, failure.CorrelationID, failure.Error()} {
			assert.NotContains(t, text, secret)
		}
		verdict := failure.Verdict()
		if status >= 500 || status == 429 {
			assert.False(t, verdict.Outcome.Conclusive())
			assert.Empty(t, verdict.Fields)
		}
		assert.GreaterOrEqual(t, verdict.RetryAfter, 0)
		object, code := upstream.ParseObject(body)
		assert.Equal(t, code == "", object != nil)
	})
}
