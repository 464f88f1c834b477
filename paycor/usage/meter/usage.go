package meter

import (
	"context"
	"errors"

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
	hours, week := usage.LastHours(c.meter.now()), usage.LastWeek(c.meter.now())
	var found usage.Usage
	err := config.Store.List(ctx, c.caller, func(r Reader) error {
		if _, err := r.Credential(c.caller.Workspace, id); err != nil {
			return err
		}
		var err error
		found, err = r.Usage(c.caller.Workspace, id, week[0].Begins, hours[0].Begins)
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
	found.Hours, found.Week = filled(hours, found.Hours), filled(week, found.Hours)
	return found, nil
}

// ApplicationUsage implements usage.Service.
func (c CallerUsage) ApplicationUsage(ctx context.Context, application string) (found usage.Usage, err error) {
	config := &c.meter.config
	if err := config.Authorizer.Authorize(ctx, c.caller, paycor.RightView, audit.ActionRead, ""); err != nil {
		return found, err
	}
	c.meter.Flush(ctx) // if it fails, the answer is a moment old
	hours, week := usage.LastHours(c.meter.now()), usage.LastWeek(c.meter.now())
	err = config.Store.List(ctx, c.caller, func(r Reader) error {
		found, err = r.ApplicationUsage(c.caller.Workspace, application, c.caller.Viewer(), c.caller.Credentials, week[0].Begins, hours[0].Begins)
		if err = markIncomplete(&found, err); err != nil {
			return err
		}
		return c.markEnded(r, found.Users)
	})
	if errors.Is(err, store.ErrNotFound) {
		return usage.Usage{}, paycor.Errorf(paycor.KindNotFound, "error.application-not-found")
	}
	found.Hours, found.Week = filled(hours, found.Hours), filled(week, found.Hours)
	return found, err
}

// markIncomplete marks usage of which a part cannot be read.
func markIncomplete(found *usage.Usage, err error) error {
	found.Incomplete = errors.As(err, new(*store.DamagedError))
	_, err = store.Lost(err)
	return err
}

// filled returns parts of a time, which are equally long, with the calls that were counted
// in them.
func filled(parts, counted []usage.Hour) []usage.Hour {
	long := parts[1].Begins.Sub(parts[0].Begins)
	for _, hour := range counted {
		since := hour.Begins.Sub(parts[0].Begins)
		if i := int(since / long); since >= 0 && i < len(parts) {
			parts[i].Add(hour.Counts)
			parts[i].Durations.Add(hour.Durations)
		}
	}
	for i := range parts {
		parts[i].P95 = parts[i].Durations.P95()
	}
	return parts
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
