package manager

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/apim"
	"paycorcred/paycor/oauth"
)

// Ask asks Paycor about a draft that is complete and well-formed. An error
// means that nobody can tell, for instance because ctx ended; what Paycor
// answered, an outage included, is a verdict. progress may be nil.
type Ask func(ctx context.Context, question apim.Question, progress paycor.Progress) (paycor.Verdict, error)

// AskPaycor returns an Ask that exchanges a token and climbs the verification
// ladder with it.
func AskPaycor(client *apim.Client) Ask {
	exchanger := oauth.New(client)
	return func(ctx context.Context, question apim.Question, progress paycor.Progress) (paycor.Verdict, error) {
		application := oauth.FromDraft(question.Environment, question.Draft)
		tokens := func(ctx context.Context) (paycor.Secret, error) {
			token, err := exchanger.Exchange(ctx, application)
			return token.Access, err
		}
		return client.Verify(ctx, question, tokens, progress)
	}
}
