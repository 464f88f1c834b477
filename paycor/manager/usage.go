package manager

import (
	"context"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// pausedUntil returns until when an environment is left alone, or zero.
func (m *Manager) pausedUntil(environment string) (until time.Time) {
	for _, breaker := range m.config.Breakers() {
		if breaker.Environment == environment && breaker.State == paycor.BreakerOpen && breaker.Until.After(until) {
			until = breaker.Until
		}
	}
	return until
}

// Usage implements paycor.Service.
func (s *service) Usage(ctx context.Context, id string) (paycor.Usage, error) {
	if err := s.may(ctx, paycor.RightView, paycor.ActionRead, id); err != nil {
		return paycor.Usage{}, err
	}
	s.uses.flush(ctx, true, false) // where that fails, the answer is a moment old
	hours := paycor.LastHours(s.now())
	var usage paycor.Usage
	err := s.config.Store.View(ctx, func(r store.Reader) error {
		saved, err := r.Credential(s.caller.Workspace, id)
		if err != nil {
			return err
		}
		if usage, err = r.Usage(s.caller.Workspace, id, hours[0].Begins); err != nil {
			return err
		}
		usage.PausedUntil = s.pausedUntil(saved.Environment)
		return nil
	})
	if err != nil {
		return paycor.Usage{}, fail(err)
	}
	for _, used := range usage.Hours {
		if i := int(used.Begins.Sub(hours[0].Begins) / time.Hour); i < len(hours) {
			hours[i].UseCounts = used.UseCounts
		}
	}
	usage.Hours = hours
	return usage, nil
}
