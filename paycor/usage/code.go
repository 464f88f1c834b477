package usage

import "paycorcred/paycor/verdicts"

// Why a call through a credential was answered by this server and not by
// Paycor. Such an answer carries the code in its header Paycorcred-Error, which
// no answer of Paycor's can have.
const (
	CodeCallPath       verdicts.Code = "call_path"       // the path is none that may be passed on
	CodeCallQuery      verdicts.Code = "call_query"      // the query is none that may be passed on
	CodeCallMethod     verdicts.Code = "call_method"     // Paycor's API has no such method
	CodeCallProtocol   verdicts.Code = "call_protocol"   // HTTP/1.0, an upgrade, an expectation nobody can meet
	CodeCallBody       verdicts.Code = "call_body"       // the caller's body ended early or came too slowly
	CodeCallLimit      verdicts.Code = "call_limit"      // the subscription key's calls of this minute are used up
	CodeCallPaused     verdicts.Code = "call_paused"     // Paycor asked to wait with the subscription key
	CodeCallCrowded    verdicts.Code = "call_crowded"    // too many calls at once
	CodeCallUnwell     verdicts.Code = "call_unwell"     // Paycor failed too often just now, so it was not asked
	CodeCallUnsent     verdicts.Code = "call_unsent"     // nothing of the request reached Paycor
	CodeCallUnknown    verdicts.Code = "call_unknown"    // Paycor may or may not have done what was asked
	CodeCallTimeout    verdicts.Code = "call_timeout"    // Paycor did not answer in time; may have done it
	CodeCallUnreadable verdicts.Code = "call_unreadable" // what came back is no HTTP answer
	CodeCallCut        verdicts.Code = "call_cut"        // Paycor's answer broke off, so ours did too
	CodeCallGone       verdicts.Code = "call_gone"       // the caller left before the end
)

// CallCodes returns the codes of calls that this server answered itself.
func CallCodes() []verdicts.Code {
	return []verdicts.Code{
		CodeCallPath, CodeCallQuery, CodeCallMethod, CodeCallProtocol, CodeCallBody, CodeCallLimit, CodeCallPaused,
		CodeCallCrowded, CodeCallUnwell, CodeCallUnsent, CodeCallUnknown, CodeCallTimeout, CodeCallUnreadable, CodeCallCut, CodeCallGone,
	}
}
