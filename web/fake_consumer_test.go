package web_test

import (
	"context"
	"net/http"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/web"
)

// canaryToken must be in one answer and nowhere else.
const canaryToken = "pcc_CANARYTOKENOFTHEDOORSTESTS"

// consumers is what the fake service knows of consumers and uses.
type consumers struct {
	consumer paycor.ConsumerDraft
	revoked  string
}

func (s *service) Consumers(context.Context) ([]paycor.Consumer, error) {
	return []paycor.Consumer{
		{ID: "token_a", Name: "nightly", State: paycor.ConsumerActive, Rights: paycor.Rights{paycor.RightRead}, CreatedAt: moment, LastUsedAt: moment},
		{ID: "token_b", Name: "old", State: paycor.ConsumerRevoked, Credentials: []string{"a", "gone"}, Deleted: []string{"gone"}, CreatedAt: moment, ExpiresAt: moment, RevokedAt: moment, RevokedBy: "Ann"},
	}, s.note("consumers")
}

func (s *service) CreateConsumer(_ context.Context, draft paycor.ConsumerDraft) (paycor.NewConsumer, error) {
	s.consumer = draft
	return paycor.NewConsumer{
		Consumer: paycor.Consumer{ID: "token_a", Name: draft.Name, State: paycor.ConsumerActive, Rights: draft.Rights, CreatedAt: moment, ExpiresAt: draft.ExpiresAt},
		Token:    paycor.NewSecret(canaryToken),
	}, s.note("create consumer")
}

func (s *service) RevokeConsumer(_ context.Context, id string) error {
	s.revoked = id
	return s.note("revoke consumer")
}

func (s *service) Usage(context.Context, string) (paycor.Usage, error) {
	if s.historyErr != nil {
		return paycor.Usage{}, s.historyErr
	}
	hours := paycor.LastHours(moment)
	hours[23].Failed = 3
	return paycor.Usage{
		Hours: hours, Users: []paycor.User{{Kind: paycor.CallerConsumer, ID: "token_a", Name: "nightly", LastUsedAt: moment, Ended: paycor.ConsumerRevoked}},
		Failures: []paycor.UseFailure{
			{At: moment, FirstAt: moment, Count: 12, UserName: "nightly", Method: "GET", Status: 503, Code: "call_limit", Path: "/v1/legalentity/{…}", CorrelationID: "c", RequestID: "r"},
			{At: moment, FirstAt: moment, Count: 1, UserName: "nightly", Method: "GET", Status: 401, Note: paycor.NoteKey},
		},
		PausedUntil: moment,
	}, s.note("usage")
}

// visits are what the house was told of answered requests, and who may read
// the metrics.
type visits struct {
	mu     sync.Mutex
	all    []web.Visited
	reader error // why the caller may not read them
}

func (v *visits) visit(visited web.Visited) {
	v.mu.Lock()
	defer v.mu.Unlock()
	visited.Took = max(visited.Took, time.Nanosecond)
	v.all = append(v.all, visited)
}

func (v *visits) metrics(context.Context, paycor.Caller) (http.Handler, error) {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte("paycorcred_build_info 1\n"))
	}), v.reader
}
