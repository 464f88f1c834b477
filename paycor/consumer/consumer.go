package consumer

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Service manages the consumers of a workspace, programs with an API token. Each method
// needs the right admin and is denied to tokens that are limited to some credentials.
type Service interface {
	// Consumers lists them, newest first, including ended ones.
	Consumers(ctx context.Context, query Query) (Page, error)

	// CreateConsumer creates a consumer and its API token, which is shown only once. A
	// caller cannot grant a right or a lifetime beyond their own.
	CreateConsumer(ctx context.Context, draft Draft) (Created, error)

	// RevokeConsumer ends an API token at once. It is not an error if the token has
	// ended already.
	RevokeConsumer(ctx context.Context, id string) error
}

// Consumer is a program with an API token. The token itself is not stored.
type Consumer struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	State       State         `json:"state"`
	Rights      paycor.Rights `json:"rights"`
	Credentials []string      `json:"credentials"`                   // allow-list; empty means all of the workspace
	Deleted     []string      `json:"deleted_credentials,omitempty"` // those of the allow-list that were deleted
	CreatedAt   time.Time     `json:"created_at"`
	CreatedBy   string        `json:"created_by,omitempty"` // name
	ExpiresAt   time.Time     `json:"expires_at,omitzero"`
	LastUsedAt  time.Time     `json:"last_used_at,omitzero"` // accurate to about ten seconds
	RevokedAt   time.Time     `json:"revoked_at,omitzero"`
	RevokedBy   string        `json:"revoked_by,omitempty"` // name
}

// State says whether an API token works.
type State string

// The states of a consumer.
const (
	Active  State = "active"
	Expired State = "expired"
	Revoked State = "revoked"
	Altered State = "altered" // something other than this program wrote it to the database; it is refused
)

// EndedToken is the error for an API token that was valid once. It is for the
// audit trail only: the caller does not learn that the token ever existed.
type EndedToken struct {
	Caller paycor.Caller // without rights
	State  State
}

// Error says that the token has ended.
func (e *EndedToken) Error() string { return "the API token is " + string(e.State) }

// At returns the consumer with its state at a time.
func (c Consumer) At(now time.Time) Consumer {
	switch {
	case !c.RevokedAt.IsZero():
		c.State = Revoked
	case c.State == Altered: // no time changes that
	case !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt):
		c.State = Expired
	default:
		c.State = Active
	}
	return c
}

// Reaches reports whether any credential is left that the consumer may use.
func (c Consumer) Reaches() bool {
	return len(c.Credentials) == 0 || len(c.Deleted) < len(c.Credentials)
}

// Created is a new consumer with its token, which is shown only here.
type Created struct {
	Consumer
	Token paycor.Secret `json:"-"`
}

// Draft is a consumer to create.
type Draft struct {
	Name        string
	Rights      paycor.Rights
	Credentials []string  // empty means all of the workspace
	ExpiresAt   time.Time // zero means never
}

// Limits of a Draft.
const (
	maxNameLength         = 100 // characters
	maxCredentials        = 100 // credentials of an allow-list
	maxCredentialIDLength = 128 // bytes
	maxTokenLifetime      = 10 * 366 * 24 * time.Hour
)

// Clean returns the draft as it is stored, with the name trimmed and without duplicates.
func (d Draft) Clean() Draft {
	d.Name = strings.Join(strings.Fields(d.Name), " ")
	var rights paycor.Rights
	for _, right := range paycor.AllRights() {
		if d.Rights.Has(right) {
			rights = append(rights, right)
		}
	}
	for _, right := range d.Rights { // unknown rights are kept for Check to report
		if !paycor.AllRights().Has(right) {
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

// Check returns what is wrong with a draft that caller wants to create at now.
func (d Draft) Check(caller paycor.Caller, now time.Time) []fields.Problem {
	var problems []fields.Problem
	wrong := func(field fields.Field, code fields.ProblemCode, sentence message.Message) {
		problems = append(problems, fields.Problem{Field: field, Code: code, Message: sentence})
	}
	strange := func(c rune) bool { return !unicode.IsPrint(c) }
	switch {
	case d.Name == "":
		wrong(fields.ConsumerName, fields.ProblemRequired, message.New("problem.consumer-name-required"))
	case utf8.RuneCountInString(d.Name) > maxNameLength:
		wrong(fields.ConsumerName, fields.ProblemTooLong, message.New("problem.consumer-name-too-long", maxNameLength))
	case !utf8.ValidString(d.Name) || strings.ContainsFunc(d.Name, strange):
		wrong(fields.ConsumerName, fields.ProblemNotText, message.New("problem.name-invisible"))
	}
	if len(d.Rights) == 0 {
		wrong(fields.ConsumerRights, fields.ProblemRequired, message.New("problem.right-required"))
	}
	for _, right := range d.Rights {
		switch {
		case !paycor.AllRights().Has(right):
			wrong(fields.ConsumerRights, fields.ProblemUnknownValue, message.New("problem.right-unknown", paycor.AllRights()))
		case !caller.Rights.Has(right) && !(right == paycor.RightRead && caller.Rights.Has(paycor.RightUse)):
			wrong(fields.ConsumerRights, fields.ProblemOutOfRange, message.New("problem.right-not-held", string(right)))
		default:
			continue
		}
		break
	}
	d.checkCredentials(wrong)
	switch {
	case !d.ExpiresAt.IsZero() && !d.ExpiresAt.After(now):
		wrong(fields.ConsumerExpires, fields.ProblemOutOfRange, message.New("problem.expires-past"))
	case d.ExpiresAt.Sub(now) > maxTokenLifetime:
		wrong(fields.ConsumerExpires, fields.ProblemOutOfRange, message.New("problem.expires-far"))
	case !caller.Until.IsZero() && (d.ExpiresAt.IsZero() || d.ExpiresAt.After(caller.Until)):
		wrong(fields.ConsumerExpires, fields.ProblemOutOfRange, message.New("problem.expires-after-own"))
	}
	return problems
}

func (d Draft) checkCredentials(wrong func(fields.Field, fields.ProblemCode, message.Message)) {
	switch {
	case len(d.Credentials) > maxCredentials:
		wrong(fields.ConsumerCredentials, fields.ProblemTooLong, message.New("problem.consumer-too-many", maxCredentials))
	case slices.ContainsFunc(d.Credentials, func(id string) bool {
		return id == "" || len(id) > maxCredentialIDLength || !utf8.ValidString(id)
	}):
		wrong(fields.ConsumerCredentials, fields.ProblemUnknownValue, message.New("problem.consumer-credential-unknown"))
	}
}
