package credentials

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// VerifyFunc asks Paycor about a draft that is complete and well-formed, with the
// tokens that a source gives. An error means that nobody can tell, for
// instance because ctx ended; what Paycor answered, an outage included, is a
// verdict. progress may be nil. upstream.Client.Verify is one.
type VerifyFunc func(ctx context.Context, question upstream.VerifyRequest, tokens upstream.TokenSource, progress paycor.Progress) (verdicts.Verdict, error)

// verification is what is asked about: values, and the saved credential whose
// tokens belong to them.
type verification struct {
	draft          paycor.Draft
	id             string // of the saved credential; empty where there is none
	saved          bool   // the draft is that credential as it is saved
	swapped        []fields.Problem
	onToken        func(tokens.Token) // is told of a token that nobody keeps; may be nil
	conserveTokens bool               // nobody waits for the answer: it is to use up as little as it can
	probeAccess    bool               // at what can be read, too
	cause          string             // why the server asks by itself; empty where a person does, or it is its turn
	recorded       bool               // it is on record already that Paycor will be asked

	otherEnvironment bool // the values are tried elsewhere: the credential's tokens are not for it
}

// prepare prepares what is asked, and says where its token comes from.
//
// A saved credential that gets its tokens by itself is always asked for a new
// one, for that is what tests its secret. One that was activated uses the
// token that is there, because asking for another uses a refresh token up;
// where that is due, the API refuses the token, or values are to be tested
// that are not saved, it is renewed once.
func (s *service) prepare(ctx context.Context, about verification) (upstream.VerifyRequest, upstream.TokenSource, error) {
	environment := s.environment(about.draft.Environment)
	question := upstream.VerifyRequest{Environment: environment, Draft: about.draft, Swapped: about.swapped, DataAccess: about.probeAccess}
	key := tokens.Key{Workspace: s.caller.Workspace, Credential: about.id}
	if about.draft.Grant == paycor.GrantAuthorizationCode && about.id != "" && !about.otherEnvironment {
		held, err := s.tokens.State(ctx, key)
		if err != nil {
			return question, nil, err
		}
		asked := tokens.ApplicationFromDraft(environment, about.draft)
		question.Ended = held.RefreshTokenError
		question.Activated = held.RefreshTokenError == "" && !held.Refresh.IsZero() && held.Application.SameActivation(asked)
		question.Renew = func(ctx context.Context, refused paycor.Secret) (paycor.Secret, error) {
			again, err := s.tokens.RejectToken(ctx, key, refused)
			if err != nil || !again {
				return refused, err
			}
			token, err := s.tokens.TokenIgnoringCooldown(ctx, key)
			return token.Access, err
		}
		return question, func(ctx context.Context) (paycor.Secret, error) {
			if asked != held.Application { // a token that is there says nothing of the new values
				token, err := s.tokens.ProbeToken(ctx, key, asked)
				return token.Access, err
			}
			if about.conserveTokens { // not against the pause after a failure
				token, err := s.tokens.Token(ctx, key)
				return token.Access, err
			}
			token, err := s.tokens.TokenIgnoringCooldown(ctx, key)
			return token.Access, err
		}, nil
	}
	if about.saved {
		return question, func(ctx context.Context) (paycor.Secret, error) {
			token, err := s.tokens.FreshToken(ctx, key)
			return token.Access, err
		}, nil
	}
	return question, observed(func(ctx context.Context) (tokens.Token, error) {
		return s.config.TokenClient.Exchange(ctx, tokens.ApplicationFromDraft(environment, about.draft))
	}, about.onToken), nil
}

// dropTokens removes what a change of values makes useless: the access token
// always, the refresh token where it belongs to another activation now. An
// exchange under way may still bring the successor of a kept refresh token
// home, but no access token of the old values.
func dropTokens(tx store.Tx, workspace, id string, sameActivation bool) error {
	holding, err := tx.TokenState(workspace, id)
	if err != nil {
		return err
	}
	tokens := store.Secrets{fields.AccessToken: {}}
	if !sameActivation {
		tokens[fields.RefreshToken] = paycor.Secret{}
		holding = store.TokenState{Epoch: holding.Epoch}
	}
	holding.Epoch++
	return tx.PutTokenState(workspace, id, store.TokenState{
		Epoch: holding.Epoch, RefreshTokenError: holding.RefreshTokenError,
		LeaseOwner: holding.LeaseOwner, LeaseEndsAt: holding.LeaseEndsAt, ExchangeStartedAt: holding.ExchangeStartedAt,
	}, tokens)
}
