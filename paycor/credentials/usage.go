package credentials

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
)

// Usage implements api.Service.
func (s *service) Usage(ctx context.Context, id string) (usage.Usage, error) {
	if err := s.may(ctx, paycor.RightView, audit.ActionRead, id); err != nil {
		return usage.Usage{}, err
	}
	s.uses.flush(ctx, true, false) // where that fails, the answer is a moment old
	hours := usage.LastHours(s.now())
	var used usage.Usage
	err := s.config.Store.View(ctx, func(r store.Reader) error {
		if _, err := r.Credential(s.caller.Workspace, id); err != nil {
			return err
		}
		var err error
		if used, err = r.Usage(s.caller.Workspace, id, hours[0].Begins); err != nil {
			return err
		}
		return s.markEnded(r, used.Users)
	})
	if err != nil {
		return usage.Usage{}, fail(err)
	}
	used.PausedUntil = s.config.PausedUntil(s.caller.Workspace, id)
	for _, hour := range used.Hours {
		if i := int(hour.Begins.Sub(hours[0].Begins) / time.Hour); i < len(hours) {
			hours[i].Counts = hour.Counts
		}
	}
	used.Hours = hours
	return used, nil
}

// markEnded marks those of the users that are programs whose token has ended.
func (s *service) markEnded(r store.Reader, users []usage.User) error {
	for i, user := range users {
		if user.Kind != paycor.CallerConsumer {
			continue
		}
		token, err := r.APITokenByID(s.caller.Workspace, user.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue // so long ago that it is listed no more
		}
		if err != nil {
			return err
		}
		if state := consumerOf(token).At(s.now()).State; state != consumer.Active {
			users[i].Ended = state
		}
	}
	return nil
}
