package trail

import (
	"context"
	"log/slog"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// Reader is what the trail reads from the store.
type Reader interface {
	store.AuditReader

	// Credential finds the credential that an entry names.
	Credential(workspace, id string) (paycor.Credential, error)
}

// Authorizer decides whether a caller may do something. A refusal is recorded
// before it is returned. Package rights has the one in use.
type Authorizer interface {
	Authorize(ctx context.Context, caller paycor.Caller, right paycor.Right, action audit.Action, credential string) error
}

// Config configures a Trail. All fields but Logger are required.
type Config struct {
	Store      store.Scope[Reader, Appender]
	Recorder   *Recorder
	Authorizer Authorizer
	Logger     *slog.Logger // nil discards
}

// Trail reads the audit trail. It is safe for concurrent use.
type Trail struct{ config Config }

// New returns a trail.
func New(config Config) *Trail {
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Trail{config}
}

// As returns the trail as one caller may read it.
func (t *Trail) As(caller paycor.Caller) CallerTrail { return CallerTrail{t, caller} }

// CallerTrail is a trail for one caller; see audit.Service.
type CallerTrail struct {
	trail  *Trail
	caller paycor.Caller
}

var _ audit.Service = CallerTrail{}

// mayRead reports whether an entry is about a credential of the caller's
// allow-list. Callers with such a list do not see entries about no credential.
func (b CallerTrail) mayRead(entry audit.Entry) bool {
	return len(b.caller.Credentials) == 0 || entry.Credential != "" && b.caller.Covers(entry.Credential)
}
