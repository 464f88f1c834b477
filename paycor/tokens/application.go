package tokens

import (
	"strconv"

	"paycorcred/paycor"
)

// Application identifies who requests a token, and in which environment.
type Application struct {
	Environment     paycor.Environment
	ClientID        string
	ClientSecret    paycor.Secret
	SubscriptionKey paycor.Secret
	LegalEntityID   int32  // 0 if not known yet, or if a token is for several
	Scope           string // empty requests every scope the application has
}

// ApplicationFromDraft returns the application that a draft describes.
func ApplicationFromDraft(environment paycor.Environment, draft paycor.Draft) Application {
	draft = draft.Clean()
	id, _ := draft.LegalEntityID.LegalEntityID() // 0 if Paycor is to choose it
	return Application{
		Environment: environment, ClientID: draft.ClientID, ClientSecret: draft.ClientSecret,
		SubscriptionKey: draft.SubscriptionKey, LegalEntityID: id, Scope: draft.Scope,
	}
}

// SameActivation reports whether a refresh token of a is also valid for other: both are
// the same client in the same environment.
func (a Application) SameActivation(other Application) bool {
	return a.Environment == other.Environment && a.ClientID == other.ClientID
}

// SameTokens reports whether a token of a says something about other as well: only the
// legal entity may differ.
func (a Application) SameTokens(other Application) bool {
	a.LegalEntityID = other.LegalEntityID
	return a == other
}

// scopes returns the scope parameters to try, in order.
func (a Application) scopes() []string {
	if a.Scope == "" || a.LegalEntityID == 0 {
		return []string{a.Scope}
	}
	return []string{"c" + strconv.Itoa(int(a.LegalEntityID)) + " " + a.Scope, a.Scope}
}
