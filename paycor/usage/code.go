package usage

import "paycorcred/paycor/verdicts"

// Why this server answered a call instead of Paycor. Such an answer has the code in
// its header Paycorcred-Error, which is removed from Paycor's answers.
const (
	CodeCallPath         verdicts.Code = "call_path"       // the path cannot be forwarded
	CodeCallQuery        verdicts.Code = "call_query"      // the query cannot be forwarded
	CodeCallMethod       verdicts.Code = "call_method"     // Paycor's API has no such method
	CodeCallProtocol     verdicts.Code = "call_protocol"   // an upgrade or an unsupported expectation
	CodeCallBody         verdicts.Code = "call_body"       // the request body ended early or arrived too slowly
	CodeCallLimit        verdicts.Code = "call_limit"      // the subscription key's calls of this minute are used up
	CodeCallBackoff      verdicts.Code = "call_paused"     // Paycor asked to wait with the subscription key
	CodeCallTooMany      verdicts.Code = "call_crowded"    // too many calls at once
	CodeCallBreakerOpen  verdicts.Code = "call_unwell"     // the circuit breaker is open, so Paycor was not called
	CodeCallNotSent      verdicts.Code = "call_unsent"     // no part of the request reached Paycor
	CodeCallUnknown      verdicts.Code = "call_unknown"    // Paycor may have processed the request
	CodeCallTimeout      verdicts.Code = "call_timeout"    // Paycor did not answer in time and may have processed the request
	CodeCallUnreadable   verdicts.Code = "call_unreadable" // the response was not valid HTTP
	CodeCallTruncated    verdicts.Code = "call_cut"        // Paycor's answer was truncated, and so was ours
	CodeCallDisconnected verdicts.Code = "call_gone"       // the caller disconnected before the end
)

// CallCodes returns the codes of calls that this server answered itself.
func CallCodes() []verdicts.Code {
	return []verdicts.Code{
		CodeCallPath, CodeCallQuery, CodeCallMethod, CodeCallProtocol, CodeCallBody, CodeCallLimit, CodeCallBackoff,
		CodeCallTooMany, CodeCallBreakerOpen, CodeCallNotSent, CodeCallUnknown, CodeCallTimeout, CodeCallUnreadable, CodeCallTruncated, CodeCallDisconnected,
	}
}
