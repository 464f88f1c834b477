package paycor

import (
	"time"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Activation is how to activate an application in a browser: the address to
// open, and what must be registered in Paycor so that it redirects back. It has no
// secret of the application: StartURL redirects to Paycor, once, and only the browser
// that started the activation.
type Activation struct {
	Handle      Secret          `json:"-"`            // of the start, from which the server makes StartURL
	StartURL    string          `json:"start_url"`    // of this server, for the browser that asked for it
	RedirectURI string          `json:"redirect_uri"` // must be one of the application's Approved Return OAuth URLs
	Scope       string          `json:"scope"`        // requested scope
	ExpiresAt   time.Time       `json:"expires_at"`   // until when StartURL can be opened
	Warning     message.Message `json:"warning"`      // what the person must know before opening the address
}

// ActivationWarning is what a person must know before Paycor's page opens.
var ActivationWarning = message.New("activation.warning")

// ActivationAnswer finishes an activation in one of three ways: with a RefreshToken;
// with a Code, its CodeVerifier and RedirectURI; or with the State that came back from
// Paycor's page, together with the Code or, if there is none, the Refusal.
type ActivationAnswer struct {
	RefreshToken Secret
	Code         Secret
	CodeVerifier Secret
	RedirectURI  string
	State        Secret
	Refusal      string // the error code of RFC 6749, 4.1.2.1
}

// maxActivationValue is in bytes. Paycor's values have 64.
const maxActivationValue = 4096

// Check returns what is wrong with a pasted answer. An answer with a State came
// from a redirect and is not checked here, because a person cannot fix it.
func (a ActivationAnswer) Check() []fields.Problem {
	var problems []fields.Problem
	need := func(field fields.Field, value string) {
		_, artifact := normalize(value)
		switch {
		case value == "":
			problems = append(problems, fields.Problem{Field: field, Code: fields.ProblemRequired, Message: message.New("problem.required", field.Label())})
		case len(value) > maxActivationValue:
			problems = append(problems, fields.Problem{Field: field, Code: fields.ProblemTooLong, Message: message.New("problem.activation-too-long", field.Label())})
		case len(artifact) > 0:
			problems = append(problems, fields.Problem{Field: field, Code: artifact[0].Code, Message: artifactMessage(field, artifact)})
		case !printable(value):
			problems = append(problems, fields.Problem{Field: field, Code: fields.ProblemBlanks, Message: message.New("problem.activation-not-printable", field.Label())})
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
