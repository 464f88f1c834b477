package embed

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

// Why the token of an embedding site is rejected. Each reason has its own code,
// so that the site's developer knows what to fix.
const (
	KindHostUnknown     paycor.Kind = "host_unknown"     // 404: no such host
	KindFrameOrigin     paycor.Kind = "frame_origin"     // 403: the page around the frame is not one of the site's
	KindTokenMalformed  paycor.Kind = "token_malformed"  // 401: not a JWT, or a claim of the wrong type
	KindTokenAlgorithm  paycor.Kind = "token_algorithm"  // 401: none, HS256 or another algorithm that is not allowed
	KindTokenKey        paycor.Kind = "token_key"        // 401: signed with a key that is not the site's
	KindTokenSignature  paycor.Kind = "token_signature"  // 401
	KindTokenIssuer     paycor.Kind = "token_issuer"     // 401
	KindTokenAudience   paycor.Kind = "token_audience"   // 401
	KindTokenExpired    paycor.Kind = "token_expired"    // 401
	KindTokenEarly      paycor.Kind = "token_early"      // 401: not valid yet
	KindTokenLifetime   paycor.Kind = "token_lifetime"   // 401: lasts too long or does not expire
	KindTokenSubject    paycor.Kind = "token_subject"    // 401
	KindTokenID         paycor.Kind = "token_id"         // 401: no jti
	KindTokenReplayed   paycor.Kind = "token_replayed"   // 401: its jti was used, or the one-time token
	KindTokenUnknown    paycor.Kind = "token_unknown"    // 401: a one-time token that does not exist, or no longer
	KindTokenOrigin     paycor.Kind = "token_origin"     // 403: issued for another origin
	KindTokenWorkspace  paycor.Kind = "token_workspace"  // 403
	KindTokenTenant     paycor.Kind = "token_tenant"     // 403: a tenant without a workspace, or none at a site that has tenants
	KindTokenRights     paycor.Kind = "token_rights"     // 403: more than the site may grant
	KindKeysUnreachable paycor.Kind = "keys_unreachable" // 503: the site's keys could not be read
)

// Kinds returns every kind.
func Kinds() []paycor.Kind {
	return []paycor.Kind{KindHostUnknown, KindFrameOrigin, KindTokenMalformed, KindTokenAlgorithm, KindTokenKey, KindTokenSignature,
		KindTokenIssuer, KindTokenAudience, KindTokenExpired, KindTokenEarly, KindTokenLifetime, KindTokenSubject, KindTokenID,
		KindTokenReplayed, KindTokenUnknown, KindTokenOrigin, KindTokenWorkspace, KindTokenTenant, KindTokenRights, KindKeysUnreachable}
}

// SessionLifetime is how long an embedded session lasts. The page requests
// another token from the site before it ends.
const SessionLifetime = 15 * time.Minute

// Request is a token of an embedding site with its origin.
type Request struct {
	Host     string // id
	Token    paycor.Secret
	Origin   string // of the page around the frame, as the browser says
	Audience string // our own origin
	From     string // network address
	ID       string // of the request
}

// Session is what a token was exchanged for. Only the page keeps the handle.
type Session struct {
	Handle    paycor.Secret
	ExpiresAt time.Time
	Caller    paycor.Caller
}

// Start is what an embedded page knows about the site around it.
type Start struct {
	Host    string   `json:"host"` // id
	Name    string   `json:"name"`
	Origins []string `json:"origins"`
	Popups  bool     `json:"popups,omitempty"` // the frame may open another tab

	Appearance string `json:"appearance,omitempty"` // why the site's appearance is not used, for its developer
}

// CheckResult is one result of the doctor.
type CheckResult struct {
	Name    string          `json:"name"` // "origin", "claim aud"
	State   string          `json:"state"`
	Message message.Message `json:"message"`
	Remedy  message.Message `json:"remedy,omitzero"`
}

// The states of a CheckResult.
const (
	CheckGood    = "good"
	CheckBad     = "bad"
	CheckSkipped = "skipped" // nothing to check, or an earlier check failed
)

// Symptoms is what a site's developer gives the doctor. All but the host may be empty.
type Symptoms struct {
	Host     string // id
	Origin   string // of the page around the frame
	Sandbox  string // the frame's sandbox attribute
	Referrer string // the frame's referrer policy
	Policy   string // the Content-Security-Policy of the page around it

	Appearance string // that the site wants, as JSON
	Token      paycor.Secret
	Audience   string // our own origin
}
