package paycor

import (
	"paycorcred/paycor/verdicts"
	"strconv"
	"strings"
	"time"
)

// IsCredentialID reports whether a text looks like the id of a credential.
// Whatever else is sent in its place, a secret even, is written down nowhere.
func IsCredentialID(text string) bool {
	const digits = 26
	rest, is := strings.CutPrefix(text, "cred_")
	return is && len(rest) == digits && strings.Trim(rest, "0123456789abcdefghijklmnopqrstuv") == ""
}

// Grant is the OAuth grant a credential gets its tokens by.
type Grant string

// The grants Paycor knows. Activation with a code ends in a refresh token, so
// "authorization_code" names both.
const (
	GrantClientCredentials Grant = "client_credentials"
	GrantAuthorizationCode Grant = "authorization_code"
)

// Credential is a stored credential as anybody may see it: without a secret.
type Credential struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	Description     string `json:"description"`
	Environment     string `json:"environment"`
	Grant           Grant  `json:"grant"`
	ClientID        string `json:"client_id"`
	LegalEntityID   int32  `json:"legal_entity_id"`
	LegalEntityName string `json:"legal_entity_name,omitempty"` // as Paycor told it, once it did
	Scope           string `json:"scope"`

	HasClientSecret        bool      `json:"has_client_secret"`
	HasSubscriptionKey     bool      `json:"has_subscription_key"`
	ClientSecretSavedAt    time.Time `json:"client_secret_saved_at,omitzero"`
	SubscriptionKeySavedAt time.Time `json:"subscription_key_saved_at,omitzero"`

	HasRefreshToken bool      `json:"has_refresh_token"`     // one that Paycor is not known to refuse
	ActivatedAt     time.Time `json:"activated_at,omitzero"` // the last time
	ActivatedBy     string    `json:"activated_by,omitempty"`

	Sharing  *Sharing  `json:"sharing,omitempty"`   // whom it is restricted to; nil is everybody in the workspace
	RotateBy Day       `json:"rotate_by,omitempty"` // until when the secrets are to be replaced
	Rotation *Rotation `json:"rotation,omitempty"`  // what is kept of a rotation

	State   State             `json:"state"`             // derived: see StateOf
	Verdict *verdicts.Verdict `json:"verdict,omitempty"` // the latest, whatever it is
	Settled *verdicts.Verdict `json:"settled,omitempty"` // the latest that was about the credential and not about an outage

	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"`
	Version    int64     `json:"version"` // counts changes; the ETag is made of it
}

// ETag returns the entity tag, quotes included: the version, and behind a dash
// what else shows of the credential without being an edit, the latest verdict
// and use. If-Match is held against the version alone.
func (c Credential) ETag() string {
	seen := c.LastUsedAt.UnixMilli()
	if c.LastUsedAt.IsZero() {
		seen = 0
	}
	if c.Verdict != nil {
		seen += c.Verdict.CheckedAt.UnixMilli()
		if c.Verdict.DataAccess != nil {
			seen += c.Verdict.DataAccess.CheckedAt.UnixMilli()
		}
	}
	if c.Rotation != nil {
		seen += c.Rotation.seen()
	}
	return `"` + strconv.FormatInt(c.Version, 10) + "-" + strconv.FormatInt(seen, 36) + `"`
}

// Draft returns the credential as a draft without secrets, to be edited or
// duplicated.
func (c Credential) Draft() Draft {
	var draft Draft
	for _, spec := range fieldTable {
		spec.load(&draft, c)
	}
	return draft
}

// WithDraft returns the credential with the draft's values, secrets excepted. The
// error is about the Legal Entity ID, which is a number from here on.
func (c Credential) WithDraft(draft Draft) (Credential, error) {
	for _, spec := range fieldTable {
		if err := spec.save(&c, draft); err != nil {
			return Credential{}, err
		}
	}
	return c, nil
}

// State is what a tile says of a credential.
type State string

// The states of a credential.
const (
	StateNotVerified     State = "not_verified"
	StateVerified        State = "verified"
	StateNeedsActivation State = "needs_activation"
	StateRejected        State = "rejected"
	StateNotReachable    State = "not_reachable" // Paycor's fault: Settled still holds
)

// StateOf returns the state that the latest and the latest settled verdict
// add up to. An outage or throttling never turns a settled verdict into
// another one, and blames nothing where there is none yet.
func StateOf(latest, settled *verdicts.Verdict) State {
	switch {
	case settled == nil || !settled.Outcome.Settles():
		return StateNotVerified
	case latest != nil && !latest.Outcome.Settles():
		return StateNotReachable
	case settled.Outcome == verdicts.OutcomeVerified:
		return StateVerified
	case settled.Outcome == verdicts.OutcomeNeedsActivation:
		return StateNeedsActivation
	}
	return StateRejected
}

// Judge returns the credential with verdict as its latest.
//
// What can be read is looked at less often than whether the credential works:
// a verdict that did not look keeps what the last one saw, with its time.
func (c Credential) Judge(verdict verdicts.Verdict) Credential {
	if verdict.Outcome == verdicts.OutcomeVerified && verdict.DataAccess == nil && c.Settled != nil {
		verdict.DataAccess = c.Settled.DataAccess
	}
	c.Verdict = &verdict
	if verdict.Outcome.Settles() {
		settled := verdict
		c.Settled = &settled
	}
	for _, entity := range verdict.Entities {
		if entity.ID == c.LegalEntityID && entity.Name != "" {
			c.LegalEntityName = entity.Name
		}
	}
	c.State = StateOf(c.Verdict, c.Settled)
	return c
}

// Unjudged returns the credential without verdict, as it is after a change of
// a value that Paycor judges.
func (c Credential) Unjudged() Credential {
	c.Verdict, c.Settled, c.LegalEntityName = nil, nil, ""
	c.State = StateNotVerified
	return c
}

// Looked returns a verified credential with what can be read of it.
func (c Credential) Looked(access verdicts.DataAccess) Credential {
	if c.Verdict == nil || c.Settled == nil {
		return c
	}
	verdict, settled := *c.Verdict, *c.Settled
	verdict.DataAccess, settled.DataAccess = &access, &access
	c.Verdict, c.Settled = &verdict, &settled
	return c
}
