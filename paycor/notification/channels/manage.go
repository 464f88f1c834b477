package channels

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
)

// As returns the channels as one caller may manage them.
func (c *Channels) As(caller paycor.Caller) CallerChannels { return CallerChannels{c, caller} }

// CallerChannels implements notification.Service for one caller.
type CallerChannels struct {
	channels *Channels
	caller   paycor.Caller
}

var _ notification.Service = CallerChannels{}

// authorize decides whether the caller may manage channels.
func (c CallerChannels) authorize(ctx context.Context, action audit.Action) error {
	authorizer := c.channels.config.Authorizer
	if c.caller.Kind == paycor.CallerEmbedded {
		return authorizer.Deny(ctx, c.caller, action, "embedded", paycor.Errorf(paycor.KindForbidden, "error.channel-from-inside"))
	}
	return authorizer.AuthorizeWorkspace(ctx, c.caller, action)
}

// update changes a channel and records it in the same transaction.
func (c CallerChannels) update(ctx context.Context, action audit.Action, id string, write func(tx Tx) ([]fields.Field, error)) error {
	err := c.channels.config.Store.Update(ctx, func(tx Tx) error {
		changed, err := write(tx)
		if err != nil {
			return err
		}
		return c.channels.config.Recorder.Record(tx, c.caller, audit.Entry{Action: action, Fields: changed, Outcome: "done", Detail: id})
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return paycor.Errorf(paycor.KindNotFound, "error.channel-not-found")
	case errors.Is(err, store.ErrStale):
		return paycor.Errorf(paycor.KindStale, "error.channel-stale")
	}
	return err
}

// Channels implements notification.Service.
func (c CallerChannels) Channels(ctx context.Context) (listed notification.ChannelList, err error) {
	if err := c.authorize(ctx, audit.ActionChannels); err != nil {
		return listed, err
	}
	err = c.channels.config.Store.List(ctx, c.caller, func(r store.NotificationReader) (err error) {
		listed.Channels, err = r.NotificationChannels(c.caller.Workspace)
		return err
	})
	return listed, err
}

// AddChannel implements notification.Service.
func (c CallerChannels) AddChannel(ctx context.Context, draft notification.Draft) (notification.Added, error) {
	if err := c.authorize(ctx, audit.ActionChannelAdd); err != nil {
		return notification.Added{}, err
	}
	draft = draft.Clean()
	if draft.Language == "" {
		draft.Language = "en"
	}
	if err := c.check(draft, true); err != nil {
		return notification.Added{}, err
	}
	added := notification.Added{Channel: notification.Channel{
		ID: "channel_" + strings.ToLower(rand.Text()), Workspace: c.caller.Workspace, Type: draft.Type, Name: draft.Name,
		Host: notification.HostOf(draft.Type, draft.Address), Language: draft.Language, Filter: draft.Filter,
		CreatedAt: c.channels.now(), CreatedBy: c.caller.Name, Version: 1,
	}}
	if draft.Type == notification.TypeWebhook {
		added.Secret = newSecret()
	}
	err := c.update(ctx, audit.ActionChannelAdd, added.ID, func(tx Tx) ([]fields.Field, error) {
		others, err := tx.NotificationChannels(c.caller.Workspace)
		if err == nil && len(others) >= notification.MaxChannels {
			err = paycor.Errorf(paycor.KindConflict, "error.channels-full", notification.MaxChannels)
		}
		if err != nil {
			return nil, err
		}
		return nil, tx.InsertNotificationChannel(added.Channel, store.NotificationTarget{Address: paycor.NewSecret(draft.Address), Secret: added.Secret})
	})
	if err != nil {
		return notification.Added{}, err
	}
	return added, nil
}

// newSecret returns a secret as Standard Webhooks writes it.
func newSecret() paycor.Secret {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	return paycor.NewSecret("whsec_" + base64.StdEncoding.EncodeToString(key))
}

// UpdateChannel implements notification.Service.
func (c CallerChannels) UpdateChannel(ctx context.Context, id string, patch notification.Patch, ifMatch string) (notification.Channel, error) {
	if err := c.authorize(ctx, audit.ActionChannelUpdate); err != nil {
		return notification.Channel{}, err
	}
	var channel notification.Channel
	err := c.update(ctx, audit.ActionChannelUpdate, id, func(tx Tx) (changed []fields.Field, err error) {
		channel, changed, err = c.patch(tx, id, patch, ifMatch)
		return changed, err
	})
	if err == nil {
		c.channels.config.Wake()
	}
	return channel, err
}

// patch applies a patch within a transaction.
func (c CallerChannels) patch(tx Tx, id string, patch notification.Patch, ifMatch string) (notification.Channel, []fields.Field, error) {
	before, err := tx.NotificationChannel(c.caller.Workspace, id)
	if err != nil {
		return notification.Channel{}, nil, err
	}
	if !paycor.IfMatch(ifMatch, func(tag string) bool { return tag == before.ETag() }) {
		return notification.Channel{}, nil, store.ErrStale
	}
	draft := patch.Over(before).Clean()
	if err := c.check(draft, patch.Address != nil); err != nil {
		return notification.Channel{}, nil, err
	}
	after := before
	after.Name, after.Language, after.Filter, after.Version = draft.Name, draft.Language, draft.Filter, before.Version+1
	var target *store.NotificationTarget
	if draft.Address != "" {
		kept, err := tx.NotificationTarget(c.caller.Workspace, id)
		if err != nil {
			kept = store.NotificationTarget{}
			if after.Type == notification.TypeWebhook {
				return notification.Channel{}, nil, paycor.Errorf(paycor.KindConflict, "error.channel-unreadable")
			}
		}
		target = &kept
		target.Address = paycor.NewSecret(draft.Address)
		after.Host = notification.HostOf(after.Type, draft.Address)
	}
	c.enable(&after, patch.Enabled, draft.Address != "")
	return after, changedFields(before, after, draft.Address != ""), tx.UpdateNotificationChannel(after, before.Version, target)
}

// enable enables or disables a channel. One with another address begins again.
func (c CallerChannels) enable(channel *notification.Channel, enabled *bool, moved bool) {
	switch {
	case enabled != nil && !*enabled:
		if channel.DisabledAt.IsZero() {
			channel.DisabledAt, channel.DisabledFor = c.channels.now(), notification.DisabledByAdministrator
		}
	case enabled != nil || moved && channel.DisabledFor != notification.DisabledByAdministrator:
		channel.DisabledAt, channel.DisabledFor, channel.FailingSince = time.Time{}, "", time.Time{}
	}
}

// changedFields returns the fields in which two versions of a channel differ, in
// alphabetical order.
func changedFields(before, after notification.Channel, moved bool) (changed []fields.Field) {
	for field, same := range map[fields.Field]bool{
		fields.ChannelName: before.Name == after.Name, fields.ChannelLanguage: before.Language == after.Language, fields.ChannelAddress: !moved,
		fields.ChannelKinds: slices.Equal(before.Kinds, after.Kinds), fields.ChannelTags: slices.Equal(before.Tags, after.Tags),
		fields.ChannelCredentials: slices.Equal(before.Credentials, after.Credentials), fields.ChannelEnabled: before.DisabledAt.Equal(after.DisabledAt),
	} {
		if !same {
			changed = append(changed, field)
		}
	}
	slices.Sort(changed)
	return changed
}

// ReplaceChannelSecret implements notification.Service.
func (c CallerChannels) ReplaceChannelSecret(ctx context.Context, id string) (replaced notification.Added, err error) {
	if err := c.authorize(ctx, audit.ActionChannelSecret); err != nil {
		return replaced, err
	}
	secret := newSecret()
	err = c.update(ctx, audit.ActionChannelSecret, id, func(tx Tx) ([]fields.Field, error) {
		channel, err := tx.NotificationChannel(c.caller.Workspace, id)
		if err != nil {
			return nil, err
		}
		if channel.Type != notification.TypeWebhook {
			return nil, paycor.Errorf(paycor.KindConflict, "error.channel-unsigned")
		}
		target, err := tx.NotificationTarget(c.caller.Workspace, id)
		if err != nil {
			return nil, paycor.Errorf(paycor.KindConflict, "error.channel-unreadable")
		}
		target.Former, target.FormerUntil, target.Secret = target.Secret, c.channels.now().Add(notification.SecretOverlap), secret
		version := channel.Version
		channel.Version++
		replaced = notification.Added{Channel: channel, Secret: secret}
		return nil, tx.UpdateNotificationChannel(channel, version, &target)
	})
	if err != nil {
		return notification.Added{}, err
	}
	return replaced, nil
}

// RemoveChannel implements notification.Service.
func (c CallerChannels) RemoveChannel(ctx context.Context, id string) error {
	if err := c.authorize(ctx, audit.ActionChannelRemove); err != nil {
		return err
	}
	return c.update(ctx, audit.ActionChannelRemove, id, func(tx Tx) ([]fields.Field, error) {
		return nil, tx.DeleteNotificationChannel(c.caller.Workspace, id)
	})
}

// check returns the problems of a draft that Clean has normalized.
func (c CallerChannels) check(draft notification.Draft, addressed bool) error {
	problems := notification.Check(draft, addressed)
	if !c.channels.config.Languages(draft.Language) {
		problems = append(problems, fields.Problem{Field: fields.ChannelLanguage, Code: fields.ProblemUnknownValue, Message: message.New("problem.channel-language")})
	}
	if draft.Type == notification.TypeEmail && !c.channels.config.Mails {
		problems = append(problems, fields.Problem{Field: fields.ChannelType, Code: fields.ProblemUnknownValue, Message: message.New("problem.channel-no-mail")})
	}
	if len(problems) > 0 {
		return &paycor.Error{Kind: paycor.KindInvalid, Problems: problems, Message: message.New("error.not-saved", problems[0].Message)}
	}
	return nil
}
