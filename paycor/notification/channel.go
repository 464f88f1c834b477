package notification

import (
	"slices"
	"strconv"
	"time"
)

// Type says how a channel is told.
type Type string

// The types.
const (
	TypeWebhook Type = "webhook" // Standard Webhooks: a signed POST
	TypeSlack   Type = "slack"   // an incoming webhook of Slack, or of what understands its messages
	TypeTeams   Type = "teams"   // a workflow of Microsoft Teams
	TypeEmail   Type = "email"   // one or more e-mail addresses
)

// Types returns every type, in the order of the page.
func Types() []Type { return []Type{TypeWebhook, TypeEmail, TypeSlack, TypeTeams} }

// MaxChannels is how many channels a workspace may have.
const MaxChannels = 20

// Filter says which events a channel is told.
type Filter struct {
	Kinds       []Kind   `json:"kinds"`
	Tags        []string `json:"tags"`        // of credentials with one of these tags; empty for all
	Credentials []string `json:"credentials"` // of these credentials only, by ID; empty for all
}

// Matches reports whether the channel is told an event. Tags and credentials restrict
// events about credentials only.
func (f Filter) Matches(event Event) bool {
	if !slices.Contains(f.Kinds, event.Kind) {
		return false
	}
	if !event.Kind.OfCredential() {
		return true
	}
	tagged := slices.ContainsFunc(f.Tags, func(tag string) bool { return slices.Contains(event.Tags, tag) })
	return (len(f.Tags) == 0 || tagged) && (len(f.Credentials) == 0 || slices.Contains(f.Credentials, event.Subject))
}

// Channel is where a workspace is told what happens. Its address and its signing secret
// are stored encrypted and are not part of it.
type Channel struct {
	ID        string `json:"id"`
	Workspace string `json:"workspace"`
	Type      Type   `json:"type"`
	Name      string `json:"name"`
	Host      string `json:"host"`     // of the address, which itself may be a secret, or the domains of e-mail addresses
	Language  string `json:"language"` // of the sentences in messages
	Filter
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	Version   int64     `json:"version"` // grows with every change

	FailingSince time.Time   `json:"failing_since,omitzero"` // first failure after the last success
	DisabledAt   time.Time   `json:"disabled_at,omitzero"`   // nothing is delivered since
	DisabledFor  DisableCode `json:"disabled_for,omitempty"`
}

// ETag returns the quoted entity tag, the version.
func (c Channel) ETag() string { return `"` + strconv.FormatInt(c.Version, 10) + `"` }

// DisableCode says why a channel is disabled.
type DisableCode string

// The codes.
const (
	DisabledByAdministrator DisableCode = "administrator"
	DisabledFailing         DisableCode = "failing" // for GiveUpAfter
	DisabledGone            DisableCode = "gone"    // the receiver answered 410: it wants no more
)

// ChannelState is what channels are counted by.
type ChannelState string

// The states of a channel.
const (
	ChannelWorking  ChannelState = "working"
	ChannelFailing  ChannelState = "failing"  // since its last success
	ChannelGivenUp  ChannelState = "given_up" // disabled, because it failed
	ChannelDisabled ChannelState = "disabled" // by an administrator
)

// State returns the state of a channel.
func (c Channel) State() ChannelState {
	switch {
	case c.DisabledFor == DisabledByAdministrator:
		return ChannelDisabled
	case !c.DisabledAt.IsZero():
		return ChannelGivenUp
	case !c.FailingSince.IsZero():
		return ChannelFailing
	}
	return ChannelWorking
}

// statusGone is HTTP's 410.
const statusGone = 410

// After returns the channel after a try. It is disabled once it has failed for
// GiveUpAfter, and if its receiver is gone.
func (c Channel) After(result Result) Channel {
	switch {
	case result.Delivered:
		c.FailingSince = time.Time{}
		return c
	case c.FailingSince.IsZero():
		c.FailingSince = result.At
	}
	switch {
	case !c.DisabledAt.IsZero():
	case result.Status == statusGone:
		c.DisabledAt, c.DisabledFor = result.At, DisabledGone
	case result.At.Sub(c.FailingSince) >= GiveUpAfter:
		c.DisabledAt, c.DisabledFor = result.At, DisabledFailing
	}
	return c
}
