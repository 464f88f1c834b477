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

	State          State             `json:"state"`             // derived: see StateOf
	Verdict        *verdicts.Verdict `json:"verdict,omitempty"` // the latest, whatever it is
	LastConclusive *verdicts.Verdict `json:"settled,omitempty"` // latest conclusive verdict

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
	StateNotReachable    State = "not_reachable" // LastConclusive still holds
)

// StateOf derives the state from the latest verdict and the latest conclusive
// one. An outage or a rate limit does not replace a conclusive verdict.
func StateOf(latest, conclusive *verdicts.Verdict) State {
	switch {
	case conclusive == nil || !conclusive.Outcome.Conclusive():
		return StateNotVerified
	case latest != nil && !latest.Outcome.Conclusive():
		return StateNotReachable
	case conclusive.Outcome == verdicts.OutcomeVerified:
		return StateVerified
	case conclusive.Outcome == verdicts.OutcomeNeedsActivation:
		return StateNeedsActivation
	}
	return StateRejected
}

// WithVerdict returns the credential with verdict as its latest. The access
// probe runs less often than verifications: a verdict without one keeps the
// previous result and its time.
func (c Credential) WithVerdict(verdict verdicts.Verdict) Credential {
	if verdict.Outcome == verdicts.OutcomeVerified && verdict.DataAccess == nil && c.LastConclusive != nil {
		verdict.DataAccess = c.LastConclusive.DataAccess
	}
	c.Verdict = &verdict
	if verdict.Outcome.Conclusive() {
		conclusive := verdict
		c.LastConclusive = &conclusive
	}
	for _, entity := range verdict.Entities {
		if entity.ID == c.LegalEntityID && entity.Name != "" {
			c.LegalEntityName = entity.Name
		}
	}
	c.State = StateOf(c.Verdict, c.LastConclusive)
	return c
}

// WithoutVerdict returns the credential without verdicts, as after a change of
// a value that Paycor verifies.
func (c Credential) WithoutVerdict() Credential {
	c.Verdict, c.LastConclusive, c.LegalEntityName = nil, nil, ""
	c.State = StateNotVerified
	return c
}

// WithDataAccess returns a verified credential with the result of an access
// probe.
func (c Credential) WithDataAccess(access verdicts.DataAccess) Credential {
	if c.Verdict == nil || c.LastConclusive == nil {
		return c
	}
	verdict, conclusive := *c.Verdict, *c.LastConclusive
	verdict.DataAccess, conclusive.DataAccess = &access, &access
	c.Verdict, c.LastConclusive = &verdict, &conclusive
	return c
}
