package embed

import (
	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"time"
)

// Why an embedding host's token is not taken. Each is an answer of its own, so
// that a host's developer knows what to mend.
const (
	KindHostUnknown     paycor.Kind = "host_unknown"     // 404: no such host
	KindFrameOrigin     paycor.Kind = "frame_origin"     // 403: the page around the frame is none of the host's
	KindTokenMalformed  paycor.Kind = "token_malformed"  // 401: no JWT, or a claim of another type
	KindTokenAlgorithm  paycor.Kind = "token_algorithm"  // 401: none, HS256 or anything else that is not taken
	KindTokenKey        paycor.Kind = "token_key"        // 401: signed with a key that is not the host's
	KindTokenSignature  paycor.Kind = "token_signature"  // 401
	KindTokenIssuer     paycor.Kind = "token_issuer"     // 401
	KindTokenAudience   paycor.Kind = "token_audience"   // 401
	KindTokenExpired    paycor.Kind = "token_expired"    // 401
	KindTokenEarly      paycor.Kind = "token_early"      // 401: it begins later
	KindTokenLifetime   paycor.Kind = "token_lifetime"   // 401: it lasts too long, or has no end
	KindTokenSubject    paycor.Kind = "token_subject"    // 401
	KindTokenID         paycor.Kind = "token_id"         // 401: no jti
	KindTokenReplayed   paycor.Kind = "token_replayed"   // 401: its jti was used before
	KindTokenOrigin     paycor.Kind = "token_origin"     // 403: made for another origin
	KindTokenWorkspace  paycor.Kind = "token_workspace"  // 403
	KindTokenRights     paycor.Kind = "token_rights"     // 403: more than the host may hand out
	KindKeysUnreachable paycor.Kind = "keys_unreachable" // 503: the host's keys could not be read
)

// EmbedKinds lists them.
func Kinds() []paycor.Kind {
	return []paycor.Kind{KindHostUnknown, KindFrameOrigin, KindTokenMalformed, KindTokenAlgorithm, KindTokenKey, KindTokenSignature,
		KindTokenIssuer, KindTokenAudience, KindTokenExpired, KindTokenEarly, KindTokenLifetime, KindTokenSubject, KindTokenID,
		KindTokenReplayed, KindTokenOrigin, KindTokenWorkspace, KindTokenRights, KindKeysUnreachable}
}

// EmbedLifetime is how long an embedded session lasts. The page asks its host
// for another token before.
const SessionLifetime = 15 * time.Minute

// EmbedRequest is a host's token and from where it came.
type Request struct {
	Host     string // id
	Token    paycor.Secret
	Origin   string // of the page around the frame, as the browser says
	Audience string // our own origin
	From     string // network address
	ID       string // of the request
}

// EmbedSession is what a token was traded for. Only the page keeps the handle.
type Session struct {
	Handle    paycor.Secret
	ExpiresAt time.Time
	Caller    paycor.Caller
}

// EmbedStart is what an embedded page knows of the host around it.
type Start struct {
	Host    string   `json:"host"` // id
	Name    string   `json:"name"`
	Origins []string `json:"origins"`
	Popups  bool     `json:"popups,omitempty"` // the frame may open another tab
}

// CheckResult is one line of what the doctor finds.
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
	CheckSkipped = "skipped" // nothing to look at, or something before it is wrong
)

// EmbedSymptoms are what a host's developer shows the doctor. All but the host
// may be empty.
type Symptoms struct {
	Host     string // id
	Origin   string // of the page around the frame
	Sandbox  string // the frame's sandbox attribute
	Policy   string // the Content-Security-Policy of the page around it
	Token    paycor.Secret
	Audience string // our own origin
}
