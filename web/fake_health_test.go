package web_test

import (
	"context"

	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
)

func (s *fakeService) Health(context.Context) (health.Report, error) {
	return health.NewReport([]health.Finding{
		{Check: "space", Status: health.Warning, Message: message.New("health.space-low", 7), Remedy: message.New("health.space-free"), CheckedAt: testTime},
		{Check: "integrity", Status: health.OK, Message: message.New("health.integrity-ok"), CheckedAt: testTime},
	}), s.note("health")
}
