package paycor

import (
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"time"
)

// Activation is the way to activate an application in a browser: the address
// to open, and what has to be registered at Paycor for it to lead back.
type Activation struct {
	AuthorizeURL string          `json:"authorize_url"` // holds the APIM Subscription Key, as Paycor wants it: open it, and keep it nowhere
	RedirectURI  string          `json:"redirect_uri"`  // has to be among the application's Approved Return OAuth URLs
	Scope        string          `json:"scope"`         // what is asked for
	ExpiresAt    time.Time       `json:"expires_at"`    // when it is too late to come back
	Warning      message.Message `json:"warning"`       // what the person has to know before the address is opened
}

// ActivationWarning is what a person has to know before Paycor's page opens.
var ActivationWarning = message.New("activation.warning")

// ActivationAnswer finishes an activation in one of three ways: with a
// RefreshToken; with a Code, the CodeVerifier and the RedirectURI it was made
// for; or with the State that came back from Paycor's page, together with the
// Code, or with the Refusal where it ended without one.
type ActivationAnswer struct {
	RefreshToken Secret
	Code         Secret
	CodeVerifier Secret
	RedirectURI  string
	State        Secret
	Refusal      string // the error code of RFC 6749, 4.1.2.1
}

// maxActivationValue is in bytes. Paycor's have 64.
const maxActivationValue = 4096

// Check returns what is wrong with a pasted answer. What came back by itself,
// with a State, is not a person's to mend and not checked here.
func (a ActivationAnswer) Check() []fields.Problem {
	var problems []fields.Problem
	need := func(field fields.Field, value string) {
		_, artifact := Normalize(value)
		switch {
		case value == "":
			problems = append(problems, fields.Problem{Field: field, Code: fields.ProblemRequired, Message: message.New("problem.required", field.Sentence())})
		case len(value) > maxActivationValue:
			problems = append(problems, fields.Problem{Field: field, Code: fields.ProblemTooLong, Message: message.New("problem.activation-too-long", field.Sentence())})
		case len(artifact) > 0:
			problems = append(problems, fields.Problem{Field: field, Code: artifact[0].Code, Message: artifactMessage(field, artifact)})
		case !printable(value):
			problems = append(problems, fields.Problem{Field: field, Code: fields.ProblemBlanks, Message: message.New("problem.activation-not-printable", field.Sentence())})
		}
	}
	refresh, code := !a.RefreshToken.IsZero(), !a.Code.IsZero() || !a.CodeVerifier.IsZero() || a.RedirectURI != ""
	switch {
	case refresh && code:
		return []fields.Problem{{Field: fields.RefreshToken, Code: fields.ProblemSameValue, Message: message.New("problem.activation-both")}}
	case refresh:
		need(fields.RefreshToken, a.RefreshToken.Reveal())
	case code:
		need(fields.Code, a.Code.Reveal())
		need(fields.CodeVerifier, a.CodeVerifier.Reveal())
		need(fields.RedirectURI, a.RedirectURI)
	default:
		return []fields.Problem{{Field: fields.RefreshToken, Code: fields.ProblemRequired, Message: message.New("problem.activation-none")}}
	}
	return problems
}

func printable(value string) bool {
	for _, c := range []byte(value) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
