package paycor

import (
	"strconv"
	"strings"
	"time"

	"paycorcred/paycor/verdicts"
)

// IsCredentialID reports whether a text has the form of a credential ID. Anything else
// sent in its place, perhaps a secret, is never logged.
func IsCredentialID(text string) bool {
	const digits = 26
	rest, is := strings.CutPrefix(text, "cred_")
	return is && len(rest) == digits && strings.Trim(rest, "0123456789abcdefghijklmnopqrstuv") == ""
}

// Grant is the OAuth grant by which a credential gets its tokens.
type Grant string

// The grants that Paycor supports. An activation with a code results in a refresh
// token, so "authorization_code" covers both.
const (
	GrantClientCredentials Grant = "client_credentials"
	GrantAuthorizationCode Grant = "authorization_code"
)

// Credential is a stored credential as people may see it, without secrets. Environment,
// grant, Client ID, scope, secrets, activation and rotation are those of its application:
// a change of them changes every credential of it.
type Credential struct {
	ID              string `json:"id"`
	ApplicationID   string `json:"application_id"` // of the application it uses, which may have other credentials
	Name            string `json:"name"`
	Description     string `json:"description"`
	Environment     string `json:"environment"`
	Grant           Grant  `json:"grant"`
	ClientID        string `json:"client_id"`
	LegalEntityID   int32  `json:"legal_entity_id"`
	LegalEntityName string `json:"legal_entity_name,omitempty"` // from Paycor, once known
	Scope           string `json:"scope"`
	Tags            Tags   `json:"tags"`
	Owner           string `json:"owner"` // whom to ask about it: a person or a team

	HasClientSecret        bool      `json:"has_client_secret"`
	HasSubscriptionKey     bool      `json:"has_subscription_key"`
	ClientSecretSavedAt    time.Time `json:"client_secret_saved_at,omitzero"`
	SubscriptionKeySavedAt time.Time `json:"subscription_key_saved_at,omitzero"`

	HasRefreshToken bool      `json:"has_refresh_token"`     // one that Paycor has not rejected
	ActivatedAt     time.Time `json:"activated_at,omitzero"` // the last time
	ActivatedBy     string    `json:"activated_by,omitempty"`

	Sharing  *Sharing  `json:"sharing,omitempty"`   // who may use it; nil means everybody in the workspace
	RotateBy Day       `json:"rotate_by,omitempty"` // date to replace the secrets by
	Rotation *Rotation `json:"rotation,omitempty"`  // what a rotation keeps

	State          State             `json:"state"`             // derived: see StateOf
	Verdict        *verdicts.Verdict `json:"verdict,omitempty"` // latest verdict
	LastConclusive *verdicts.Verdict `json:"settled,omitempty"` // latest conclusive verdict

	VerifiedAt time.Time `json:"verified_at,omitzero"` // when Paycor last accepted it, with whatever values it had then
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"`
	Version    int64     `json:"version"` // counts changes; part of the ETag
}

// ETag returns the quoted entity tag: the version and, after a dash, everything visible
// that is not an edit, such as the latest verdict and use. If-Match compares the version
// only.
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

// Draft returns the credential as a draft without secrets, for editing or duplicating.
func (c Credential) Draft() Draft {
	var draft Draft
	for _, spec := range fieldTable {
		spec.load(&draft, c)
	}
	return draft
}

// WithDraft returns the credential with the draft's values except secrets. The error is
// about the Legal Entity ID, which is stored as a number.
func (c Credential) WithDraft(draft Draft) (Credential, error) {
	environment, entity := c.Environment, c.LegalEntityID
	for _, spec := range fieldTable {
		if err := spec.save(&c, draft); err != nil {
			return Credential{}, err
		}
	}
	if c.Environment != environment || c.LegalEntityID != entity {
		c.LegalEntityName = "" // Paycor's name of the one before
	}
	return c, nil
}

// CredentialKey identifies a credential among those of all workspaces.
type CredentialKey struct{ Workspace, Credential string }

// State is the state shown on a tile.
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
	case conclusive == nil || !conclusive.Outcome.Conclusive() || conclusive.Code == verdicts.CodeLooksSwapped:
		return StateNotVerified // of swapped values Paycor was not asked
	case latest != nil && !latest.Outcome.Conclusive():
		return StateNotReachable
	case conclusive.Outcome == verdicts.OutcomeVerified:
		return StateVerified
	case conclusive.Outcome == verdicts.OutcomeNeedsActivation:
		return StateNeedsActivation
	}
	return StateRejected
}

// CheckedAt returns when Paycor was last asked about it; zero if it never was.
func (c Credential) CheckedAt() time.Time {
	if c.Verdict == nil {
		return time.Time{}
	}
	return c.Verdict.CheckedAt
}

// WithVerdict returns the credential with verdict as its latest. The access
// probe runs less often than verifications: a verdict without one keeps the
// previous result and its time.
func (c Credential) WithVerdict(verdict verdicts.Verdict) Credential {
	if verdict.Outcome == verdicts.OutcomeVerified && verdict.DataAccess == nil && c.LastConclusive != nil {
		verdict = verdict.WithDataAccess(c.LastConclusive.DataAccess)
	}
	c.Verdict = &verdict
	if verdict.Outcome.Conclusive() {
		conclusive := verdict
		c.LastConclusive = &conclusive
	}
	if verdict.Outcome == verdicts.OutcomeVerified {
		c.VerifiedAt = verdict.CheckedAt
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
// a value that Paycor verifies. What Paycor calls the legal entity is still known.
func (c Credential) WithoutVerdict() Credential {
	c.Verdict, c.LastConclusive = nil, nil
	c.State = StateNotVerified
	return c
}

// WithDataAccess returns a verified credential with the result of an access
// probe.
func (c Credential) WithDataAccess(access verdicts.DataAccess) Credential {
	if c.Verdict == nil || c.LastConclusive == nil {
		return c
	}
	verdict, conclusive := c.Verdict.WithDataAccess(&access), c.LastConclusive.WithDataAccess(&access)
	c.Verdict, c.LastConclusive = &verdict, &conclusive
	return c
}
