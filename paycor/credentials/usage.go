package credentials

import (
	"context"
	"errors"
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
		if usage, err = r.Usage(s.caller.Workspace, id, hours[0].Begins); err != nil {
			return err
		}
		return s.markEnded(r, usage.Users)
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

// markEnded marks those of the users that are programs whose token has ended.
func (s *service) markEnded(r store.Reader, users []paycor.User) error {
	for i, user := range users {
		if user.Kind != paycor.CallerConsumer {
			continue
		}
		token, err := r.TokenByID(s.caller.Workspace, user.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue // so long ago that it is listed no more
		}
		if err != nil {
			return err
		}
		if state := consumerOf(token).At(s.now()).State; state != paycor.ConsumerActive {
			users[i].Ended = state
		}
	}
	return nil
}
