package paycor

// Passage is what it takes to call Paycor through a credential. It is never
// changed once it was handed out: another token is another Passage.
type Passage struct {
	Environment     Environment
	SubscriptionKey Secret
	Token           Secret
}

// Why a call through a credential was answered by this server and not by
// Paycor. Such an answer carries the code in its header Paycorcred-Error, which
// no answer of Paycor's can have.
const (
	CodeCallPath       Code = "call_path"       // the path is none that may be passed on
	CodeCallQuery      Code = "call_query"      // the query is none that may be passed on
	CodeCallMethod     Code = "call_method"     // Paycor's API has no such method
	CodeCallProtocol   Code = "call_protocol"   // HTTP/1.0, an upgrade, an expectation nobody can meet
	CodeCallBody       Code = "call_body"       // the caller's body ended early or came too slowly
	CodeCallLimit      Code = "call_limit"      // the subscription key's calls of this minute are used up
	CodeCallPaused     Code = "call_paused"     // Paycor asked to wait with the subscription key
	CodeCallCrowded    Code = "call_crowded"    // too many calls at once
	CodeCallUnwell     Code = "call_unwell"     // Paycor failed too often just now, so it was not asked
	CodeCallUnsent     Code = "call_unsent"     // nothing of the request reached Paycor
	CodeCallUnknown    Code = "call_unknown"    // Paycor may or may not have done what was asked
	CodeCallTimeout    Code = "call_timeout"    // Paycor did not answer in time; may have done it
	CodeCallUnreadable Code = "call_unreadable" // what came back is no HTTP answer
	CodeCallCut        Code = "call_cut"        // Paycor's answer broke off, so ours did too
	CodeCallGone       Code = "call_gone"       // the caller left before the end
)

// CallCodes returns the codes of calls that this server answered itself.
func CallCodes() []Code {
	return []Code{
		CodeCallPath, CodeCallQuery, CodeCallMethod, CodeCallProtocol, CodeCallBody, CodeCallLimit, CodeCallPaused,
		CodeCallCrowded, CodeCallUnwell, CodeCallUnsent, CodeCallUnknown, CodeCallTimeout, CodeCallUnreadable, CodeCallCut, CodeCallGone,
	}
}
