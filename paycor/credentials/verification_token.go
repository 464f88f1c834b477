package credentials

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
)

// prepare returns the request to Paycor and the source of its token.
//
// A saved credential with the client_credentials grant always gets a new token,
// because that tests its secret. An activated one uses its stored token, because
// a new one spends a refresh token; it is renewed once if it is due, if the API
// rejects it, or if values are tested that are not saved. Anything else gets a
// token that is not stored.
func (s verifier) prepare(ctx context.Context, about verification) (upstream.VerifyRequest, upstream.TokenSource, error) {
	environment := s.environment(about.draft.Environment)
	request := upstream.VerifyRequest{Environment: environment, Draft: about.draft, Swapped: about.swapped, DataAccess: about.probeAccess}
	switch {
	case about.draft.Grant == paycor.GrantAuthorizationCode && about.tokens.Application != "" && !about.otherEnvironment:
		return s.prepareActivated(ctx, request, about)
	case about.saved:
		return request, accessToken(func(ctx context.Context) (tokens.Token, error) {
			return s.tokens.FreshToken(ctx, about.tokens)
		}), nil
	}
	return request, func(ctx context.Context) (paycor.Secret, error) {
		token, err := s.config.TokenClient.Exchange(ctx, tokens.ApplicationFromDraft(environment, about.draft))
		if err == nil && about.onToken != nil {
			about.onToken(token)
		}
		return token.Access, err
	}, nil
}

// prepareActivated is prepare for a credential with the authorization_code
// grant.
func (s verifier) prepareActivated(ctx context.Context, request upstream.VerifyRequest, about verification) (upstream.VerifyRequest, upstream.TokenSource, error) {
	key := about.tokens
	state, err := s.tokens.State(ctx, key)
	if err != nil {
		return request, nil, err
	}
	application := tokens.ApplicationFromDraft(request.Environment, about.draft)
	request.Ended = state.RefreshTokenError
	request.Activated = state.RefreshTokenError == "" && !state.Refresh.IsZero() && state.Application.SameActivation(application)
	request.Renew = func(ctx context.Context, rejected paycor.Secret) (paycor.Secret, error) {
		again, err := s.tokens.RejectToken(ctx, key, rejected)
		if err != nil || !again {
			return rejected, err
		}
		token, err := s.tokens.TokenIgnoringCooldown(ctx, key)
		return token.Access, err
	}
	return request, accessToken(func(ctx context.Context) (tokens.Token, error) {
		switch {
		case !application.SameTokens(state.Application): // the stored token says nothing about new values
			return s.tokens.ProbeToken(ctx, key, application)
		case about.conserveTokens:
			return s.tokens.Token(ctx, key)
		}
		return s.tokens.TokenIgnoringCooldown(ctx, key)
	}), nil
}

// accessToken adapts a source of tokens to one of access tokens.
func accessToken(get func(context.Context) (tokens.Token, error)) upstream.TokenSource {
	return func(ctx context.Context) (paycor.Secret, error) {
		token, err := get(ctx)
		return token.Access, err
	}
}
