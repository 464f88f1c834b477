package app

import (
	"net/url"
	"slices"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

const (
	activationID      = "activation"
	activationSummary = "activation-summary"
	activationButton  = "activate" // opens the dialog, and has the focus back
	callbackPath      = "/activation/callback"

	// queryActivate opens the dialog with the page, queryActivated says what
	// came of an activation. Neither stays in the address.
	queryActivate  = "activate"
	queryActivated = "activation"
)

// activationMethod is one of the ways to activate an application.
type activationMethod string

// The ways, in the order of the dialog.
const (
	methodPaycor activationMethod = "paycor" // allow it on Paycor's page, and come back
	methodCode   activationMethod = "code"   // paste the code of Paycor's own form
	methodToken  activationMethod = "token"  // paste a refresh token
)

// fields are what is typed on this way.
func (w activationMethod) fields() []fields.Field {
	switch w {
	case methodCode:
		return []fields.Field{fields.Code, fields.CodeVerifier, fields.RedirectURI}
	case methodToken:
		return []fields.Field{fields.RefreshToken}
	}
	return []fields.Field{fields.Scope}
}

func activationMethods() []activationMethod {
	return []activationMethod{methodPaycor, methodCode, methodToken}
}

// activationDialog is the dialog "Activate in Paycor" over a credential. As in the
// overlay, what is typed stands in the document only.
type activationDialog struct {
	page       *Page
	credential paycor.Credential
	open       bool
	inView     bool // the browser shows it: before, a "close" is the last opening's
	opener     string
	method     activationMethod
	dirty      bool // something was typed
	asking     bool // whether to discard it
	shown      map[fields.Field]bool

	problems []fields.Problem
	mended   map[fields.Field]string
	failure  string // why nothing came of the last attempt
	session  bool   // because the session ended
	verdict  *verdicts.Verdict
	spent    string // what was removed, because it works only once

	working bool
	doing   string // in words
}

func newActivationDialog(p *Page) *activationDialog {
	a := &activationDialog{page: p}
	if p.start.Credential != nil {
		a.credential = *p.start.Credential
	}
	a.forget()
	return a
}

// forget drops all that belongs to one opening.
func (a *activationDialog) forget() {
	a.dirty, a.working, a.shown, a.method = false, false, map[fields.Field]bool{}, methodPaycor
	if a.environment().AuthorizeURL == "" || a.page.embedded() {
		a.method = methodCode
	}
	a.settle()
}

// settle drops what the last attempt came to.
func (a *activationDialog) settle() {
	a.asking, a.problems, a.failure, a.session, a.verdict = false, nil, "", false, nil
	a.spent, a.doing, a.mended = "", "", map[fields.Field]string{}
}

func (a *activationDialog) environment() paycor.Environment {
	return a.page.environment(a.credential.Environment)
}

// begin opens the dialog.
func (a *activationDialog) begin(credential paycor.Credential, opener string) {
	if a.open {
		return
	}
	a.credential, a.opener, a.open = credential, opener, true
	a.forget()
	a.page.detail.notice = nil
	a.page.setStatus("", nil)
	a.page.loop.AfterRender(func() {
		a.page.document.SetValue(activationInput(fields.Scope), credential.Scope)
		a.page.document.SetValue(activationInput(fields.RedirectURI), ownRedirect(a.environment()))
		a.page.document.ShowModal(activationID)
		a.inView = true
		a.page.document.Focus(methodID(a.method))
	})
}

// choose takes another way. What was typed for the one before stays.
func (a *activationDialog) choose(w activationMethod) {
	a.settle()
	a.method = w
}

// changed notes that something was typed.
func (a *activationDialog) changed(id string) {
	for _, w := range activationMethods() {
		for _, field := range w.fields() {
			if id == activationInput(field) {
				a.dirty = true
				delete(a.mended, field)
			}
		}
	}
}

// leave is Cancel and Escape: it asks when something was typed. An activation
// that is on its way cannot be taken back.
func (a *activationDialog) leave() {
	switch {
	case !a.open || a.working:
	case a.asking:
		a.stay()
	case a.dirty:
		a.asking = true
		a.page.loop.AfterRender(func() { a.page.document.Focus("activation-stay") })
	default:
		a.close()
	}
}

func (a *activationDialog) stay() {
	a.asking = false
	a.page.loop.AfterRender(func() { a.page.document.Focus(methodID(a.method)) })
}

// close closes the dialog and wipes its fields in the document.
func (a *activationDialog) close() {
	for _, w := range activationMethods() {
		for _, field := range w.fields() {
			a.page.document.SetValue(activationInput(field), "")
		}
	}
	opener := a.opener
	a.open, a.inView = false, false
	a.forget()
	a.page.document.Close(activationID)
	a.page.loop.Wipe()
	a.page.loop.AfterRender(func() { a.page.document.Focus(opener) })
}

// closed is told when the browser has closed the dialog.
func (a *activationDialog) closed(showing bool) {
	if a.open && a.inView && !showing {
		a.close()
	}
}

func (a *activationDialog) value(field fields.Field) string {
	return a.page.document.Value(activationInput(field))
}

// answer reads what was pasted. Paycor's own form leaves the code in the
// browser's address bar, so a whole address is taken for the code in it.
func (a *activationDialog) answer() paycor.ActivationAnswer {
	if a.method == methodToken {
		return paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(a.value(fields.RefreshToken))}
	}
	if code, redirect := fromAddress(a.value(fields.Code)); code != "" {
		a.page.document.SetValue(activationInput(fields.Code), code)
		a.page.document.SetValue(activationInput(fields.RedirectURI), redirect)
	}
	return paycor.ActivationAnswer{
		Code:         paycor.NewSecret(a.value(fields.Code)),
		CodeVerifier: paycor.NewSecret(a.value(fields.CodeVerifier)),
		RedirectURI:  a.value(fields.RedirectURI),
	}
}

// fromAddress returns the code that an address holds, and the address without
// it; "" where it is no such address.
func fromAddress(typed string) (code, redirect string) {
	address, err := url.Parse(strings.TrimSpace(typed))
	if err != nil || address.Host == "" {
		return "", ""
	}
	code = address.Query().Get("code")
	address.RawQuery, address.Fragment = "", ""
	return code, address.String()
}

// ownRedirect is where Paycor's own activation form ends.
func ownRedirect(environment paycor.Environment) string {
	base, ok := strings.CutSuffix(environment.AuthorizeURL, "/AppActivation/Authorize")
	if !ok {
		return ""
	}
	return base + "/appactivation/clientredirect"
}

// mend takes away what came along with the copying of a value, and says what.
func (a *activationDialog) mend(field fields.Field) {
	mended, soil := paycor.Mend(a.value(field))
	if len(soil) == 0 {
		return
	}
	a.page.document.SetValue(activationInput(field), mended)
	a.dirty, a.mended[field] = true, say("fix.done", removed(soil))
	a.problems = slices.DeleteFunc(slices.Clone(a.problems), func(p fields.Problem) bool { return p.Field == field })
	a.page.document.Focus(activationInput(field))
}
