package audit

import (
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"time"
)

// Action names what was done. It is stable and safe to show.
type Action string

// What can be done, and is written down.
const (
	ActionList          Action = "credential.list"
	ActionRead          Action = "credential.read"
	ActionCreate        Action = "credential.create"
	ActionUpdate        Action = "credential.update"
	ActionDelete        Action = "credential.delete"
	ActionVerify        Action = "credential.verify"
	ActionVerifyDraft   Action = "credential.verify_draft"
	ActionAccessProbe   Action = "credential.look"        // its data access was probed
	ActionTryPeer       Action = "credential.counterpart" // its values were tried in the other environment
	ActionActivateStart Action = "credential.activate.start"
	ActionActivateBack  Action = "credential.activate.back" // the browser came back from Paycor's page; its state is used up
	ActionActivate      Action = "credential.activate"
	ActionExchange      Action = "credential.token"       // an access token was asked for; Outcome says with what success
	ActionTokenLost     Action = "credential.token.lost"  // Paycor took an access token no more, so it was dropped
	ActionRotate        Action = "credential.rotate"      // new secrets were tested; Outcome says with what success
	ActionRotateBack    Action = "credential.rotate.back" // the secrets before are in use again
	ActionRotateEnd     Action = "credential.rotate.end"  // what a rotation kept was destroyed
	ActionUse           Action = "credential.use"         // Paycor was called through it; only refusals are written one by one
	ActionRefused       Action = "access.refused"
	ActionSignIn        Action = "access.sign_in"
	ActionSignOut       Action = "access.sign_out"
	ActionSessions      Action = "access.sessions"    // everybody's sign-ins were listed
	ActionSessionEnd    Action = "access.session_end" // a sign-in was ended by somebody or by the provider
	ActionShare         Action = "credential.share"
	ActionLink          Action = "access.sign_in_link"
	ActionToken         Action = "token.create"
	ActionAudit         Action = "audit.read" // only where it was refused
	ActionAuditExport   Action = "audit.export"
	ActionTokenRevoke   Action = "token.revoke"
	ActionTokenList     Action = "token.list"      // only in the record of a refusal
	ActionUses          Action = "credential.uses" // one minute's calls to Paycor by one caller; Detail counts them
	ActionMetrics       Action = "metrics.read"    // only in the record of a refusal
)

// OutcomeStarted is the outcome of an entry that is written before secrets are
// sent; another with the outcome follows, unless the server was stopped.
const OutcomeStarted = "begun"

// AuditEntry says who did what, when, from where, and with what outcome. It
// never holds a value of a field. Hash chains it to the entry before, so that
// a changed or missing entry shows.
type Entry struct {
	Sequence   int64             `json:"sequence"`
	At         time.Time         `json:"at"`
	Workspace  string            `json:"workspace"`
	CallerKind paycor.CallerKind `json:"caller_kind"`
	CallerID   string            `json:"caller_id"`
	CallerName string            `json:"caller_name"`
	From       string            `json:"from,omitempty"`
	RequestID  string            `json:"request_id,omitempty"`
	Action     Action            `json:"action"`
	Credential string            `json:"credential,omitempty"` // id
	Fields     []fields.Field    `json:"fields,omitempty"`     // which fields changed, never to what
	Outcome    string            `json:"outcome"`              // "done", a verdict's outcome, or an error's kind
	Detail     string            `json:"detail,omitempty"`     // a code, an object's name, or what a token was Granted
	Hash       string            `json:"hash,omitempty"`       // hex SHA-256 over the entry and the hash before it
}
