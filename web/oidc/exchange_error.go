package oidc

import (
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

// exchangeError explains a failed code exchange. Only the log gets the provider's
// own text.
func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return &paycor.Error{Kind: paycor.KindUnavailable, Err: err,
			Message: message.New("signin.unreachable")}
	}
	cause := fmt.Errorf("the token endpoint answered %d %s %s", refused.Response.StatusCode, refused.ErrorCode, displayText(refused.ErrorDescription))
	switch refused.ErrorCode {
	case "invalid_client", "unauthorized_client":
		return misconfigured("signin.client",
			fmt.Errorf("%w: compare --oidc-client-id and the secret in --oidc-client-secret-file with the client at the provider", cause))
	case "invalid_grant":
		return &paycor.Error{Kind: paycor.KindUnauthorized, Err: fmt.Errorf("%w: the code was used or is too old, or the redirect URI at the provider is another", cause),
			Message: message.New("signin.too-late")}
	}
	if refused.Response.StatusCode >= http.StatusInternalServerError {
		return &paycor.Error{Kind: paycor.KindUnavailable, Err: cause, Message: message.New("signin.server-error")}
	}
	if refused.Response.StatusCode == http.StatusUnauthorized {
		return misconfigured("signin.client", cause)
	}
	return misconfigured("signin.refused", cause)
}

// misconfigured is an error that only the operator can fix.
func misconfigured(key string, cause error) error {
	return &paycor.Error{Kind: paycor.KindUnavailable, Message: message.New("signin.tell-operator", message.New(key)), Err: cause}
}
