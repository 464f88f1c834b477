package web_test

import (
	"context"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/usage"
	"paycorcred/web"
	"sync"
	"time"
)

// canaryToken must be in one answer and nowhere else.
const canaryToken = "pcc_CANARYTOKENOFTHEDOORSTESTS"

// consumers is what the fake service knows of consumers and uses.
type consumers struct {
	consumer consumer.Draft
	revoked  string
}

func (s *service) Consumers(context.Context) ([]consumer.Consumer, error) {
	return []consumer.Consumer{
		{ID: "token_a", Name: "nightly", State: consumer.Active, Rights: paycor.Rights{paycor.RightRead}, CreatedAt: moment, LastUsedAt: moment},
		{ID: "token_b", Name: "old", State: consumer.Revoked, Credentials: []string{"a", "gone"}, Deleted: []string{"gone"}, CreatedAt: moment, ExpiresAt: moment, RevokedAt: moment, RevokedBy: "Ann"},
	}, s.note("consumers")
}

func (s *service) CreateConsumer(_ context.Context, draft consumer.Draft) (consumer.Created, error) {
	s.consumer = draft
	return consumer.Created{
		Consumer: consumer.Consumer{ID: "token_a", Name: draft.Name, State: consumer.Active, Rights: draft.Rights, CreatedAt: moment, ExpiresAt: draft.ExpiresAt},
		Token:    paycor.NewSecret(canaryToken),
	}, s.note("create consumer")
}

func (s *service) RevokeConsumer(_ context.Context, id string) error {
	s.revoked = id
	return s.note("revoke consumer")
}

func (s *service) Usage(context.Context, string) (usage.Usage, error) {
	if s.historyErr != nil {
		return usage.Usage{}, s.historyErr
	}
	hours := usage.LastHours(moment)
	hours[23].Failed = 3
	return usage.Usage{
		Hours: hours, Users: []usage.User{{Kind: paycor.CallerConsumer, ID: "token_a", Name: "nightly", LastUsedAt: moment, Ended: consumer.Revoked}},
		Failures: []usage.Failure{
			{At: moment, FirstAt: moment, Count: 12, UserName: "nightly", Method: "GET", Status: 503, Code: "call_limit", Path: "/v1/legalentity/{…}", CorrelationID: "c", RequestID: "r"},
			{At: moment, FirstAt: moment, Count: 1, UserName: "nightly", Method: "GET", Status: 401, Note: usage.NoteKey},
		},
		PausedUntil: moment,
	}, s.note("usage")
}

// visits are what the house was told of answered requests, and who may read
// the metrics.
type visits struct {
	mu     sync.Mutex
	all    []web.RequestStats
	reader error // why the caller may not read them
}

func (v *visits) visit(visited web.RequestStats) {
	v.mu.Lock()
	defer v.mu.Unlock()
	visited.Duration = max(visited.Duration, time.Nanosecond)
	v.all = append(v.all, visited)
}

func (v *visits) metrics(context.Context, paycor.Caller) (http.Handler, error) {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte("paycorcred_build_info 1\n"))
	}), v.reader
}
