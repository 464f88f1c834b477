package manager

import (
	"context"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// Usage implements paycor.Service.
func (s *service) Usage(ctx context.Context, id string) (paycor.Usage, error) {
	if err := s.may(ctx, paycor.RightView, paycor.ActionRead, id); err != nil {
		return paycor.Usage{}, err
	}
	s.uses.flush(ctx, true, false) // where that fails, the answer is a moment old
	hours := paycor.LastHours(s.now())
	var usage paycor.Usage
	err := s.config.Store.View(ctx, func(r store.Reader) error {
		if _, err := r.Credential(s.caller.Workspace, id); err != nil {
			return err
		}
		var err error
		usage, err = r.Usage(s.caller.Workspace, id, hours[0].Begins)
		return err
	})
	if err != nil {
		return paycor.Usage{}, fail(err)
	}
	usage.PausedUntil = s.config.PausedUntil(s.caller.Workspace, id)
	for _, used := range usage.Hours {
		if i := int(used.Begins.Sub(hours[0].Begins) / time.Hour); i < len(hours) {
			hours[i].UseCounts = used.UseCounts
		}
	}
	usage.Hours = hours
	return usage, nil
}
