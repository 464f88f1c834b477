package audit

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// Action names what was done. It is stable and safe to show.
type Action string

// The actions that are recorded.
const (
	ActionList              Action = "credential.list"
	ActionRead              Action = "credential.read"
	ActionCreate            Action = "credential.create"
	ActionUpdate            Action = "credential.update"
	ActionDelete            Action = "credential.delete"
	ActionVerify            Action = "credential.verify"
	ActionVerifyDraft       Action = "credential.verify_draft"
	ActionAccessProbe       Action = "credential.look"        // its data access was probed
	ActionTryPeer           Action = "credential.counterpart" // its values were tried in the peer environment
	ActionActivateStart     Action = "credential.activate.start"
	ActionDisclose          Action = "credential.disclose"      // a browser was sent to Paycor's activation page, whose address shows the secrets in Fields
	ActionActivateBack      Action = "credential.activate.back" // the browser came back from Paycor's page; its state is used up
	ActionActivate          Action = "credential.activate"
	ActionActivationLink    Action = "activation_link.create"
	ActionActivationLinkEnd Action = "activation_link.revoke"
	ActionExchange          Action = "credential.token"       // an access token was requested; see Outcome
	ActionTokenLost         Action = "credential.token.lost"  // Paycor rejected the access token, so it was dropped
	ActionRotate            Action = "credential.rotate"      // new secrets were tested; see Outcome
	ActionRotateBack        Action = "credential.rotate.back" // the previous secrets are in use again
	ActionRotateEnd         Action = "credential.rotate.end"  // secrets kept by a rotation were deleted
	ActionUse               Action = "credential.use"         // Paycor was called through it; only denials have entries of their own
	ActionRefused           Action = "access.refused"
	ActionSignIn            Action = "access.sign_in"
	ActionSignOut           Action = "access.sign_out"
	ActionSessions          Action = "access.sessions"    // all sign-ins were listed
	ActionSessionEnd        Action = "access.session_end" // a sign-in was ended by a person or by the provider
	ActionShare             Action = "credential.share"
	ActionLink              Action = "access.sign_in_link"
	ActionToken             Action = "token.create"
	ActionAudit             Action = "audit.read" // only if denied
	ActionAuditExport       Action = "audit.export"
	ActionTokenRevoke       Action = "token.revoke"
	ActionTokenList         Action = "token.list"      // only if denied
	ActionUses              Action = "credential.uses" // calls to Paycor by one caller in one minute, counted in Detail
	ActionMetrics           Action = "metrics.read"    // only if denied
	ActionHealth            Action = "health.read"     // only if denied
)

// OutcomeStarted is the outcome of an entry written before secrets are sent. A second
// entry with the result follows, unless the server was stopped.
const OutcomeStarted = "begun"

// DetailForced is the detail of an update that replaced secrets although Paycor does
// not accept the new ones.
const DetailForced = "forced"

// Entry says who did what, when, from where and with what outcome. It never contains a
// field value. Hash chains it to the previous entry, so that a changed or missing entry
// is evident.
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
	Hash       string            `json:"hash,omitempty"`       // hex SHA-256 of the entry and the previous hash
}
