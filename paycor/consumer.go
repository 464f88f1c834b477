package paycor

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Consumers are the programs of a workspace that come with an API token. Each
// method needs the right "admin", and is for nobody whose own token is for some
// credentials only.
type Consumers interface {
	// Consumers lists them, newest first, the ended ones included.
	Consumers(ctx context.Context) ([]Consumer, error)

	// CreateConsumer makes one and its API token, which nobody sees again.
	// Nobody can hand out more than he has: neither a right nor a day.
	CreateConsumer(ctx context.Context, draft ConsumerDraft) (NewConsumer, error)

	// RevokeConsumer ends an API token at once. One that has ended already is
	// no error.
	RevokeConsumer(ctx context.Context, id string) error
}

// Consumer is a program with an API token. The token itself is nowhere.
type Consumer struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	State       ConsumerState `json:"state"`
	Rights      Rights        `json:"rights"`
	Credentials []string      `json:"credentials"`                   // the only ones it may touch; empty means all of the workspace
	Deleted     []string      `json:"deleted_credentials,omitempty"` // those of them that are deleted
	CreatedAt   time.Time     `json:"created_at"`
	CreatedBy   string        `json:"created_by,omitempty"` // name
	ExpiresAt   time.Time     `json:"expires_at,omitzero"`
	LastUsedAt  time.Time     `json:"last_used_at,omitzero"` // to ten seconds or so
	RevokedAt   time.Time     `json:"revoked_at,omitzero"`
	RevokedBy   string        `json:"revoked_by,omitempty"` // name
}

// ConsumerState says whether an API token works.
type ConsumerState string

// The states of a consumer.
const (
	ConsumerActive  ConsumerState = "active"
	ConsumerExpired ConsumerState = "expired"
	ConsumerRevoked ConsumerState = "revoked"
)

// EndedToken is why somebody was refused whose API token was good once. It is for
// the audit trail: whoever holds the token is not told that it was ever known.
type EndedToken struct {
	Caller Caller // without rights
	State  ConsumerState
}

// Error says that the token has ended.
func (e *EndedToken) Error() string { return "the API token is " + string(e.State) }

// At returns the consumer with the state it has at a moment.
func (c Consumer) At(now time.Time) Consumer {
	switch {
	case !c.RevokedAt.IsZero():
		c.State = ConsumerRevoked
	case !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt):
		c.State = ConsumerExpired
	default:
		c.State = ConsumerActive
	}
	return c
}

// Reaches reports whether there is any credential left that the consumer may
// touch.
func (c Consumer) Reaches() bool {
	return len(c.Credentials) == 0 || len(c.Deleted) < len(c.Credentials)
}

// NewConsumer is a consumer with its token, the only time it is seen.
type NewConsumer struct {
	Consumer
	Token Secret `json:"-"`
}

// ConsumerDraft is a consumer that is to be made.
type ConsumerDraft struct {
	Name        string
	Rights      Rights
	Credentials []string  // empty means all of the workspace
	ExpiresAt   time.Time // zero means never
}

// The fields of a ConsumerDraft.
const (
	FieldConsumerName        = FieldName
	FieldConsumerRights      = Field("rights")
	FieldConsumerCredentials = Field("credentials")
	FieldConsumerExpires     = Field("expires_at")
)

// Bounds of a ConsumerDraft.
const (
	longestConsumerName  = 100 // characters
	mostConsumerPlaces   = 100 // credentials of an allow-list
	longestCredentialID  = 128 // bytes
	longestTokenLifetime = 10 * 366 * 24 * time.Hour
)

// Clean returns the draft as it is stored: without blanks around the name and
// without anything twice.
func (d ConsumerDraft) Clean() ConsumerDraft {
	d.Name = strings.Join(strings.Fields(d.Name), " ")
	var rights Rights
	for _, right := range AllRights() {
		if d.Rights.Has(right) {
			rights = append(rights, right)
		}
	}
	for _, right := range d.Rights { // what is no right is kept for Check
		if !AllRights().Has(right) {
			rights = append(rights, right)
		}
	}
	d.Rights = rights
	var credentials []string
	for _, id := range d.Credentials {
		if !slices.Contains(credentials, id) {
			credentials = append(credentials, id)
		}
	}
	d.Credentials = credentials
	return d
}

// Check returns what is wrong with a draft when it is to be made at now by
// caller.
func (d ConsumerDraft) Check(caller Caller, now time.Time) []Problem {
	var problems []Problem
	wrong := func(field Field, code ProblemCode, message string) {
		problems = append(problems, Problem{Field: field, Code: code, Message: message})
	}
	strange := func(c rune) bool { return !unicode.IsPrint(c) }
	switch {
	case d.Name == "":
		wrong(FieldConsumerName, ProblemRequired, "Enter a name: say what the program is, such as nightly import.")
	case utf8.RuneCountInString(d.Name) > longestConsumerName:
		wrong(FieldConsumerName, ProblemTooLong, "The name is longer than 100 characters. Shorten it.")
	case !utf8.ValidString(d.Name) || strings.ContainsFunc(d.Name, strange):
		wrong(FieldConsumerName, ProblemNotText, "The name holds characters that cannot be seen. Type it instead of pasting it.")
	}
	if len(d.Rights) == 0 {
		wrong(FieldConsumerRights, ProblemRequired, "Choose at least one right.")
	}
	for _, right := range d.Rights {
		switch {
		case !AllRights().Has(right):
			wrong(FieldConsumerRights, ProblemUnknownValue, "Rights are "+AllRights().String()+", and no others.")
		case !caller.Rights.Has(right) && !(right == RightRead && caller.Rights.Has(RightUse)):
			wrong(FieldConsumerRights, ProblemOutOfRange, "You do not have the right “"+string(right)+"” yourself, so you cannot hand it out.")
		default:
			continue
		}
		break
	}
	d.checkCredentials(wrong)
	switch {
	case !d.ExpiresAt.IsZero() && !d.ExpiresAt.After(now):
		wrong(FieldConsumerExpires, ProblemOutOfRange, "The end lies in the past. Choose a later one.")
	case d.ExpiresAt.Sub(now) > longestTokenLifetime:
		wrong(FieldConsumerExpires, ProblemOutOfRange, "The end lies more than ten years ahead. Choose an earlier one, or none.")
	case !caller.Until.IsZero() && (d.ExpiresAt.IsZero() || d.ExpiresAt.After(caller.Until)):
		wrong(FieldConsumerExpires, ProblemOutOfRange, "Your own token ends before that, so the new one cannot last longer.")
	}
	return problems
}

func (d ConsumerDraft) checkCredentials(wrong func(Field, ProblemCode, string)) {
	switch {
	case len(d.Credentials) > mostConsumerPlaces:
		wrong(FieldConsumerCredentials, ProblemTooLong, "A token can be for 100 credentials at most. Choose fewer, or allow all.")
	case slices.ContainsFunc(d.Credentials, func(id string) bool {
		return id == "" || len(id) > longestCredentialID || !utf8.ValidString(id)
	}):
		wrong(FieldConsumerCredentials, ProblemUnknownValue, "One of the credentials is none of this workspace. Choose it again.")
	}
}
