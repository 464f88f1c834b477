package app

import (
	"net/url"
	"slices"
	"strings"

	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

const (
	activationID     = "activation"
	activationButton = "activate" // opens the dialog, and gets the focus back
	callbackPath     = "/activation/callback"

	// queryActivate opens the dialog with the page, queryActivated says that an
	// activation ended. Neither stays in the address.
	queryActivate  = "activate"
	queryActivated = "activation"
)

// activationMethod is how an application is activated.
type activationMethod string

// The methods, in the order of the dialog.
const (
	methodPaycor activationMethod = "paycor" // allow it on Paycor's page, and come back
	methodCode   activationMethod = "code"   // paste the code of Paycor's own form
	methodToken  activationMethod = "token"  // paste a refresh token
)

// fields returns what is typed for a method.
func (m activationMethod) fields() []fields.Field {
	switch m {
	case methodCode:
		return []fields.Field{fields.Code, fields.CodeVerifier, fields.RedirectURI}
	case methodToken:
		return []fields.Field{fields.RefreshToken}
	}
	return []fields.Field{fields.Scope}
}

// activationDialog activates the application of a credential in Paycor.
type activationDialog struct {
	form.Dialog

	page       *credentialsPage
	credential paycor.Credential
	method     activationMethod
	links      activationLinks
	spent      string // what was cleared because it works only once
	status     string // progress of the current attempt
	inWindow   bool   // Paycor's page is in a window that this dialog opened
}

func newActivationDialog(p *credentialsPage) *activationDialog {
	a := &activationDialog{page: p}
	if p.start.Credential != nil {
		a.credential = *p.start.Credential
	}
	a.Dialog = form.Dialog{
		Form: form.Form{
			Context: p.forms, Prefix: "activation-", SummaryID: "activation-summary",
			Fields: slices.Concat(methodPaycor.fields(), methodCode.fields(), methodToken.fields()),
			Describe: func(field fields.Field) form.Input {
				return form.Input{Label: p.fieldLabel(field), Hint: p.say("activate.hint." + string(field)), Required: true, Code: true}
			},
			Visible: func(field fields.Field) bool {
				return slices.Contains(a.method.fields(), field) || field == fields.Scope && a.links.needsScope
			},
		},
		ID: activationID, IDPrefix: "activation-", SubmitID: "activation-submit", Width: "medium",
		FirstFocus: func() string { return methodID(a.method) },
		Submit:     a.submit, Closed: a.reset,
	}
	a.links.dialog = a
	a.reset()
	return a
}

// reset drops all state of the last opening.
func (a *activationDialog) reset() {
	a.method = methodPaycor
	if a.environment().AuthorizeURL == "" || !a.leadsToPaycor() {
		a.method = methodCode
	}
	a.links.reset()
	a.inWindow = false
	a.resetResult()
}

// resetResult drops the result of the last attempt.
func (a *activationDialog) resetResult() {
	a.ResetResult()
	a.spent, a.status = "", ""
}

// leadsToPaycor reports whether the dialog can open Paycor's page: a frame needs a window
// for it, which the embedding site has to allow.
func (a *activationDialog) leadsToPaycor() bool {
	return !a.page.embedded() || a.page.start.Embed.Popups
}

func (a *activationDialog) environment() paycor.Environment {
	return a.page.environment(a.credential.Environment)
}

// openFor opens the dialog for a credential.
func (a *activationDialog) openFor(credential paycor.Credential, opener string) {
	if a.IsOpen() {
		return
	}
	a.credential = credential
	a.reset()
	a.page.detail.notice = nil
	a.page.setStatus("", nil)
	a.Open(opener, func() {
		a.SetValue(fields.Scope, credential.Scope)
		a.SetValue(fields.RedirectURI, activationFormRedirect(a.environment()))
	})
	a.links.load()
}

// choose switches to another method. Text typed for the others stays.
func (a *activationDialog) choose(method activationMethod) {
	a.resetResult()
	a.method = method
}

// answer reads the pasted values. Paycor's own form leaves the code in the
// browser's address bar, so an address is accepted in place of its code.
func (a *activationDialog) answer() paycor.ActivationAnswer {
	if a.method == methodToken {
		return paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(a.Value(fields.RefreshToken))}
	}
	if code, redirect := codeFromAddress(a.Value(fields.Code)); code != "" {
		a.SetValue(fields.Code, code)
		a.SetValue(fields.RedirectURI, redirect)
	}
	return paycor.ActivationAnswer{
		Code:         paycor.NewSecret(a.Value(fields.Code)),
		CodeVerifier: paycor.NewSecret(a.Value(fields.CodeVerifier)),
		RedirectURI:  a.Value(fields.RedirectURI),
	}
}

// codeFromAddress returns the code in an address, and the address without it.
// Without a code it returns "".
func codeFromAddress(typed string) (code, redirect string) {
	address, err := url.Parse(strings.TrimSpace(typed))
	if err != nil || address.Host == "" {
		return "", ""
	}
	code = address.Query().Get("code")
	address.RawQuery, address.Fragment = "", ""
	return code, address.String()
}

// activationFormRedirect returns the redirect URI of Paycor's own activation
// form.
func activationFormRedirect(environment paycor.Environment) string {
	base, ok := strings.CutSuffix(environment.AuthorizeURL, "/AppActivation/Authorize")
	if !ok {
		return ""
	}
	return base + "/appactivation/clientredirect"
}
