package verdicts

// RefusalCode turns the error with which Paycor's page sends a browser back
// into a code of ours.
func RefusalCode(refusal string) Code {
	switch refusal {
	case "access_denied":
		return CodeActivationDenied
	case "invalid_scope":
		return CodeScopeUnknown
	case "server_error", "temporarily_unavailable":
		return CodeServerError
	}
	return CodeActivationFailed
}
