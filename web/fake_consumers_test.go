package web_test

import (
	"context"
	"net/http"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/usage"
	"paycorcred/web"
)

// canaryToken must appear in one response and nowhere else.
const canaryToken = "pcc_CANARYTOKENOFTHEWEBTESTS"

// consumers is the part of fakeService about consumers and usage.
type consumers struct {
	consumer      consumer.Draft
	consumerQuery consumer.Query
	revoked       string
}

func (s *fakeService) Consumers(_ context.Context, query consumer.Query) (consumer.Page, error) {
	s.consumerQuery = query
	return consumer.Page{Next: "next", Total: 3, Consumers: []consumer.Consumer{
		{ID: "token_a", Name: "nightly", State: consumer.Active, Rights: paycor.Rights{paycor.RightRead}, CreatedAt: testTime, LastUsedAt: testTime},
		{ID: "token_b", Name: "old", State: consumer.Revoked, Credentials: []string{"a", "gone"}, Deleted: []string{"gone"}, CreatedAt: testTime, ExpiresAt: testTime, RevokedAt: testTime, RevokedBy: "Ann"},
	}}, s.note("consumers")
}

func (s *fakeService) CreateConsumer(_ context.Context, draft consumer.Draft) (consumer.Created, error) {
	s.consumer = draft
	return consumer.Created{
		Consumer: consumer.Consumer{ID: "token_a", Name: draft.Name, State: consumer.Active, Rights: draft.Rights, CreatedAt: testTime, ExpiresAt: draft.ExpiresAt},
		Token:    paycor.NewSecret(canaryToken),
	}, s.note("create consumer")
}

func (s *fakeService) RevokeConsumer(_ context.Context, id string) error {
	s.revoked = id
	return s.note("revoke consumer")
}

func (s *fakeService) ApplicationUsage(ctx context.Context, _ string) (usage.Usage, error) {
	return s.Usage(ctx, "a")
}

func (s *fakeService) Usage(context.Context, string) (usage.Usage, error) {
	if s.historyErr != nil {
		return usage.Usage{}, s.historyErr
	}
	hours := usage.LastHours(testTime)
	hours[23].Failed = 3
	return usage.Usage{
		Hours: hours, Week: usage.LastWeek(testTime), Users: []usage.User{{Kind: paycor.CallerConsumer, ID: "token_a", Name: "nightly", LastUsedAt: testTime, Ended: consumer.Revoked}},
		Failures: []usage.Failure{
			{At: testTime, FirstAt: testTime, Count: 12, UserName: "nightly", Method: "GET", Status: 503, Code: "call_limit", Path: "/v1/legalentity/{…}", CorrelationID: "c", RequestID: "r"},
			{At: testTime, FirstAt: testTime, Count: 1, UserName: "nightly", Method: "GET", Status: 401, Note: usage.NoteKey},
		},
		PausedUntil: testTime,
	}, s.note("usage")
}

// requestRecorder records request statistics and serves metrics.
type requestRecorder struct {
	mu     sync.Mutex
	all    []web.RequestStats
	reader error // error of reading the metrics
}

func (v *requestRecorder) observe(stats web.RequestStats) {
	v.mu.Lock()
	defer v.mu.Unlock()
	stats.Duration = max(stats.Duration, time.Nanosecond)
	v.all = append(v.all, stats)
}

func (v *requestRecorder) metrics(context.Context, paycor.Caller) (http.Handler, error) {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte("paycorcred_build_info 1\n"))
	}), v.reader
}
