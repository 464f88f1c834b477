package verdicts

// RefusalCode converts the OAuth error with which Paycor's page redirects a browser.
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
