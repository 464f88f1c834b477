package meter

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
)

// As returns the usage as one caller may see it.
func (m *Meter) As(caller paycor.Caller) CallerUsage { return CallerUsage{m, caller} }

// CallerUsage implements usage.Service for one caller.
type CallerUsage struct {
	meter  *Meter
	caller paycor.Caller
}

var _ usage.Service = CallerUsage{}

// Usage implements usage.Service.
func (c CallerUsage) Usage(ctx context.Context, id string) (usage.Usage, error) {
	config := &c.meter.config
	if err := config.Authorizer.Authorize(ctx, c.caller, paycor.RightView, audit.ActionRead, id); err != nil {
		return usage.Usage{}, err
	}
	c.meter.Flush(ctx) // if it fails, the answer is a moment old
	hours := usage.LastHours(c.meter.now())
	var found usage.Usage
	err := config.Store.List(ctx, c.caller, func(r Reader) error {
		if _, err := r.Credential(c.caller.Workspace, id); err != nil {
			return err
		}
		var err error
		found, err = r.Usage(c.caller.Workspace, id, hours[0].Begins)
		if err = markIncomplete(&found, err); err != nil {
			return err
		}
		state, err := r.TokenState(c.caller.Workspace, id)
		if err != nil {
			return err
		}
		if state.ExpiresAt.After(c.meter.now()) {
			found.TokenExpiresAt = state.ExpiresAt
		}
		return c.markEnded(r, found.Users)
	})
	if err != nil {
		return usage.Usage{}, rights.CredentialError(err)
	}
	found.PausedUntil = config.PausedUntil(c.caller.Workspace, id)
	found.Hours = filled(hours, found.Hours)
	return found, nil
}

// ApplicationUsage implements usage.Service.
func (c CallerUsage) ApplicationUsage(ctx context.Context, application string) (found usage.Usage, err error) {
	config := &c.meter.config
	if err := config.Authorizer.Authorize(ctx, c.caller, paycor.RightView, audit.ActionRead, ""); err != nil {
		return found, err
	}
	c.meter.Flush(ctx) // if it fails, the answer is a moment old
	hours := usage.LastHours(c.meter.now())
	err = config.Store.List(ctx, c.caller, func(r Reader) error {
		found, err = r.ApplicationUsage(c.caller.Workspace, application, c.caller.Viewer(), c.caller.Credentials, hours[0].Begins)
		if err = markIncomplete(&found, err); err != nil {
			return err
		}
		return c.markEnded(r, found.Users)
	})
	if errors.Is(err, store.ErrNotFound) {
		return usage.Usage{}, paycor.Errorf(paycor.KindNotFound, "error.application-not-found")
	}
	found.Hours = filled(hours, found.Hours)
	return found, err
}

// markIncomplete marks usage of which a part cannot be read.
func markIncomplete(found *usage.Usage, err error) error {
	found.Incomplete = errors.As(err, new(*store.DamagedError))
	_, err = store.Lost(err)
	return err
}

// filled returns hours with the counts of those that have calls.
func filled(hours, counted []usage.Hour) []usage.Hour {
	for _, hour := range counted {
		if i := int(hour.Begins.Sub(hours[0].Begins) / time.Hour); i < len(hours) {
			hours[i].Counts = hour.Counts
		}
	}
	return hours
}

// markEnded marks the users that are programs whose API token has ended.
func (c CallerUsage) markEnded(r Reader, users []usage.User) error {
	for i, user := range users {
		if user.Kind != paycor.CallerConsumer {
			continue
		}
		token, err := r.APITokenByID(c.caller.Workspace, user.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue // ended so long ago that the store has removed it
		}
		if err != nil {
			return err
		}
		if state := token.Consumer().At(c.meter.now()).State; state != consumer.Active {
			users[i].Ended = state
		}
	}
	return nil
}
