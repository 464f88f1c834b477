package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/message"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/verdicts"
)

// activationCallback is the redirect URI of Paycor's activation page.
const activationCallback = "/activation/callback"

// activationStart is followed by the handle of a started activation.
const activationStart = "/activation/start/"

// retriedParameter marks the second request of the callback, so that there is
// no third.
const retriedParameter = "again"

// activationDone is the outcome in the redirect after a success. After a failure
// it is the code of the verdict.
const activationDone = "done"

// activationHandlers activate applications in Paycor.
type activationHandlers struct {
	auth        *authenticator
	errors      *errorWriter
	pages       *pageRenderer
	screens     *screenHandlers
	services    serviceBinder
	activations Activations
	signIn      *signInHandlers
	cookies     cookieJar
	links       *quota.Rate // of visits and uses
	secure      bool
}

func (h *activationHandlers) start(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	if err := readJSON(w, r, targets{}, bodyOptional); err != nil {
		return err
	}
	address := addressOf(r, h.secure)
	activation, err := service.StartActivation(r.Context(), id, address+activationCallback)
	if err != nil {
		return err
	}
	activation.StartURL = address + activationStart + activation.Handle.Reveal()
	return writeJSON(w, http.StatusOK, activation)
}

// open sends the browser that started an activation to Paycor's page, once. The address
// of that page contains the APIM Subscription Key, so it is in no body that a program
// reads, and the page that follows does not learn where the browser came from.
func (h *activationHandlers) open(w http.ResponseWriter, r *http.Request) error {
	if isPrefetch(r) {
		return writeNoContent(w)
	}
	callers, err := h.callers(r)
	if err != nil {
		return err
	}
	address, err := h.activations.OpenActivation(r.Context(), paycor.NewSecret(r.PathValue("handle")), callers...)
	if paycor.KindOf(err) == paycor.KindUnauthorized {
		return h.startUsed(w, r)
	}
	if err != nil {
		return h.screens.failed(w, r, err)
	}
	w.Header().Set("Location", address) // http.Redirect would repeat it in a body
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// callers returns who the browser may be: the person who is signed in, and the
// visitor who opened an activation link in it.
func (h *activationHandlers) callers(r *http.Request) (callers []paycor.Caller, err error) {
	person, err := h.auth.person(r)
	if err == nil {
		person, err = limit(r, person)
		callers = append(callers, person)
	}
	if err != nil && paycor.KindOf(err) != paycor.KindUnauthorized {
		return nil, err
	}
	if visitor, ok := h.visitor(r); ok {
		callers = append(callers, visitor)
	}
	return callers, nil
}

// startUsed says that an address to start an activation is of no use any more.
func (h *activationHandlers) startUsed(w http.ResponseWriter, r *http.Request) error {
	if err := h.errors.audit(r, string(kindStart)); err != nil {
		return err
	}
	return h.pages.writeText(w, r, http.StatusGone, textPage{
		Title: message.New("activation.title"), Back: true, Text: []message.Message{message.New("activation.start-used")},
	})
}

// activate finishes an activation with a code or a refresh token from the body.
func activate(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	var answer paycor.ActivationAnswer
	into := targets{
		"refresh_token": &answer.RefreshToken, "code": &answer.Code,
		"code_verifier": &answer.CodeVerifier, "redirect_uri": &answer.RedirectURI,
	}
	if err := readJSON(w, r, into, bodyRequired); err != nil {
		return err
	}
	saved, err := service.Activate(r.Context(), id, answer, nil)
	if err != nil {
		return err
	}
	return writeVersioned(w, http.StatusOK, saved, visibleSaved(r, saved))
}

// callback finishes an activation in the browser that started it.
//
// The session cookie is SameSite=Strict, so browsers omit it when Paycor
// redirects here. The response is then a page that requests the same address
// again from our own site, without a script and without a referrer. Only the
// request with a session consumes state and code.
func (h *activationHandlers) callback(w http.ResponseWriter, r *http.Request) error {
	query, ok := callbackQuery(r)
	if !ok {
		return h.pages.writeText(w, r, http.StatusBadRequest, textPage{
			Title: message.New("activation.title"), Back: true,
			Text: []message.Message{message.New("activation.callback-incomplete")},
		})
	}
	if isPrefetch(r) {
		return writeNoContent(w)
	}
	if found, err := h.finishByLink(w, r, query); found || err != nil {
		return err
	}
	caller, err := h.auth.person(r)
	switch {
	case err == nil:
		service, err := h.services.bind(r, caller)
		if err != nil {
			return err
		}
		return h.finish(w, r, service, query)
	case paycor.KindOf(err) != paycor.KindUnauthorized:
		return err
	case query.Get(retriedParameter) == "":
		return h.retry(w, r, query)
	}
	if err := h.errors.audit(r, string(paycor.KindUnauthorized)); err != nil {
		return err
	}
	return h.pages.writeText(w, r, http.StatusForbidden, textPage{
		Title: message.New("activation.title"), Help: true,
		Text: []message.Message{message.New("activation.signed-out")},
	})
}

// callbackQuery returns the parameters from Paycor if they are complete and
// unambiguous.
func callbackQuery(r *http.Request) (url.Values, bool) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	repeated := slices.ContainsFunc([]string{"state", "code", "error"}, func(name string) bool { return len(query[name]) > 1 })
	return query, err == nil && !repeated && query.Get("state") != ""
}

// answerOf returns what came back from Paycor's page.
func answerOf(query url.Values) paycor.ActivationAnswer {
	return paycor.ActivationAnswer{
		State: paycor.NewSecret(query.Get("state")), Code: paycor.NewSecret(query.Get("code")), Refusal: query.Get("error"),
	}
}

// isPrefetch reports whether a request must have no effect: HEAD, and GET by a
// browser that prefetches. Only a person's own visit may consume a code.
func isPrefetch(r *http.Request) bool {
	return r.Method == http.MethodHead || r.Header.Get("Sec-Purpose") != ""
}

// retry responds with a page that requests the callback again from our own site.
func (h *activationHandlers) retry(w http.ResponseWriter, r *http.Request, query url.Values) error {
	again := url.Values{retriedParameter: {"1"}}
	for _, name := range []string{"state", "code", "error"} {
		if query.Has(name) {
			again.Set(name, query.Get(name))
		}
	}
	return h.pages.writeText(w, r, http.StatusOK, textPage{
		Title: message.New("activation.title"), Refresh: activationCallback + "?" + again.Encode(),
		Text: []message.Message{message.New("activation.finishing")},
	})
}

func (h *activationHandlers) finish(w http.ResponseWriter, r *http.Request, service api.Service, query url.Values) error {
	credential, err := service.Activate(r.Context(), "", answerOf(query), nil)
	var known *paycor.Error
	switch {
	case err == nil:
		redirectToCredential(w, r, credential.ID, activationDone)
		return nil
	case errors.As(err, &known) && known.Verdict != nil && credential.ID != "":
		h.errors.report(r, err)
		redirectToCredential(w, r, credential.ID, string(known.Verdict.Code))
		return nil
	case errors.As(err, &known) && known.Verdict != nil:
		return h.pages.writeText(w, r, http.StatusUnprocessableEntity, textPage{
			Title: message.New("activation.unfinished"), Text: []message.Message{known.Verdict.Message, known.Verdict.Remedy}, Back: true,
		})
	}
	return h.screens.failed(w, r, err)
}

func redirectToCredential(w http.ResponseWriter, r *http.Request, id, outcome string) {
	http.Redirect(w, r, "/credentials/"+url.PathEscape(id)+"?"+outcomeParameter+"="+url.QueryEscape(outcome), http.StatusSeeOther)
}

// activationNotice returns the notice for an outcome in the address. Anybody can
// write an address, so unknown codes have no notice, and success needs a
// credential that is activated.
func activationNotice(outcome string, credential paycor.Credential) *api.Notice {
	if outcome == activationDone {
		if !credential.HasRefreshToken {
			return nil
		}
		return &api.Notice{Done: true, Message: message.New("activation.done")}
	}
	code := verdicts.Code(outcome)
	if !slices.Contains(verdicts.Codes(), code) || code == verdicts.CodeVerified {
		return nil
	}
	verdict := code.Verdict()
	return &api.Notice{Code: code, Message: verdict.Message, Remedy: verdict.Remedy}
}
