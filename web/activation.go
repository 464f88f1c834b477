package web

import (
	"errors"
	"net/http"
	"net/url"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/verdicts"
	"slices"
)

// callbackPath is where Paycor's activation page sends the browser back to.
const callbackPath = "/activation/callback"

// secondVisit marks the callback's second visit, so that there is no third.
const secondVisit = "again"

func (d *door) startActivation(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	if err := readJSON(w, r, targets{}, true); err != nil {
		return err
	}
	begun, err := service.StartActivation(r.Context(), id, d.origin(r)+callbackPath)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, begun)
}

// origin is this server's own, as the browser knows it. The Host header has
// been checked to be one of ours.
func (d *door) origin(r *http.Request) string {
	scheme := "http"
	if d.Secure {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

func (d *door) activate(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	var answer paycor.ActivationAnswer
	into := targets{
		"refresh_token": &answer.RefreshToken, "code": &answer.Code,
		"code_verifier": &answer.CodeVerifier, "redirect_uri": &answer.RedirectURI,
	}
	if err := readJSON(w, r, into, false); err != nil {
		return err
	}
	credential, err := service.Activate(r.Context(), id, answer, nil)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", credential.ETag())
	return writeJSON(w, http.StatusOK, shownCredential(credential))
}

// activationCallback finishes an activation in the browser that began it.
//
// The session cookie is SameSite=Strict, so it does not come along when
// Paycor's page sends the browser here. The first visit without it is answered
// with a page that visits the same address once more, now from our own site:
// no script, nothing stored, no referrer. Only the visit with the session uses
// the state and the code up.
func (d *door) activationCallback(w http.ResponseWriter, r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || slices.ContainsFunc([]string{"state", "code", "error"}, func(name string) bool { return len(query[name]) > 1 }) || query.Get("state") == "" {
		return d.writeWords(w, http.StatusBadRequest, words{
			Title: "Activation", Back: true,
			Text: []string{"This address belongs to the end of an activation in Paycor, and a part of it is missing. Open the credential and activate it from there."},
		})
	}
	if r.Method == http.MethodHead || r.Header.Get("Sec-Purpose") != "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	caller, err := d.bySession(r)
	switch {
	case err == nil:
		service, err := d.lend(r, caller)
		if err != nil {
			return err
		}
		return d.finishActivation(w, r, service, query)
	case paycor.KindOf(err) != paycor.KindUnauthorized:
		return err
	case query.Get(secondVisit) == "":
		return d.visitAgain(w, query)
	}
	if err := d.Access.Refuse(r.Context(), visitOf(r).who(), string(paycor.KindUnauthorized)); err != nil {
		return auditFailed(err)
	}
	return d.writeWords(w, http.StatusForbidden, words{
		Title: "Activation", Help: true,
		Text: []string{"You are not signed in in this browser, so the activation was not finished. Sign in, then activate the credential again."},
	})
}

// visitAgain answers with the page that visits the callback from our own site.
func (d *door) visitAgain(w http.ResponseWriter, query url.Values) error {
	again := url.Values{secondVisit: {"1"}}
	for _, name := range []string{"state", "code", "error"} {
		if query.Has(name) {
			again.Set(name, query.Get(name))
		}
	}
	return d.writeWords(w, http.StatusOK, words{
		Title: "Activation", Refresh: callbackPath + "?" + again.Encode(),
		Text: []string{"Finishing the activation…"},
	})
}

func (d *door) finishActivation(w http.ResponseWriter, r *http.Request, service api.Service, query url.Values) error {
	credential, err := service.Activate(r.Context(), "", paycor.ActivationAnswer{
		State: paycor.NewSecret(query.Get("state")), Code: paycor.NewSecret(query.Get("code")), Refusal: query.Get("error"),
	}, nil)
	var known *paycor.Error
	switch {
	case err == nil:
		d.backTo(w, r, credential.ID, activationDone)
		return nil
	case errors.As(err, &known) && known.Verdict != nil && credential.ID != "":
		d.told(r, err)
		d.backTo(w, r, credential.ID, string(known.Verdict.Code))
		return nil
	case errors.As(err, &known) && known.Verdict != nil:
		return d.writeWords(w, http.StatusUnprocessableEntity, words{
			Title: "The activation was not finished", Text: []string{known.Verdict.Message, known.Verdict.Remedy}, Back: true,
		})
	}
	return d.failedPage(w, r, err)
}

// activationDone is what the credential's own page is told of a success; of a
// failure it is told a code.
const activationDone = "done"

func (d *door) backTo(w http.ResponseWriter, r *http.Request, id, outcome string) {
	http.Redirect(w, r, "/credentials/"+url.PathEscape(id)+"?activation="+url.QueryEscape(outcome), http.StatusSeeOther)
}

// activationNotice puts into words what a credential's page was told. Only
// words of ours are said: what is no code of ours says nothing, and nobody is
// told of a success that is not there.
func activationNotice(outcome string, credential paycor.Credential) *api.Notice {
	if outcome == activationDone {
		if !credential.HasRefreshToken {
			return nil
		}
		return &api.Notice{Done: true, Message: "The application is activated in Paycor."}
	}
	code := verdicts.Code(outcome)
	if !slices.Contains(verdicts.Codes(), code) || code == verdicts.CodeVerified {
		return nil
	}
	verdict := code.Verdict()
	return &api.Notice{Code: code, Message: verdict.Message, Remedy: verdict.Remedy}
}
