package paycortest

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// consentPages are the pages on which an administrator activates an application.
type consentPages struct{ *Simulator }

// consentHandler serves the pages an administrator sees. The real ones are on another
// host, which ignores case in paths.
func (s consentPages) consentHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /appactivation/authorize", s.authorizePage)
	mux.HandleFunc("POST /appactivation/authorize", s.authorizeDecision)
	mux.HandleFunc("GET /appactivation/clientactivation", s.activationForm)
	mux.HandleFunc("POST /appactivation/clientactivation", s.activationStart)
	mux.HandleFunc("GET /appactivation/clientredirect", s.activationEnd)
	lower := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.URL.Path = strings.ToLower(r.URL.Path)
		mux.ServeHTTP(w, r)
	})
	return http.NewCrossOriginProtection().Handler(lower)
}

func (s consentPages) authorizePage(w http.ResponseWriter, r *http.Request) {
	a, err := s.activation(r.URL.Query())
	if err != nil {
		renderError(w, err)
		return
	}
	if problem := a.problem(s.Simulator); problem != "" {
		http.Redirect(w, r, a.back("error", problem), http.StatusFound)
		return
	}
	// Browsers also apply form-action to the redirect after a form.
	render(w, http.StatusOK, a.redirect.Scheme+"://"+a.redirect.Host, "authorize", map[string]any{
		"Details": a.details, "Scope": a.scope, "Action": r.URL.RequestURI(),
	})
}

func (s consentPages) authorizeDecision(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	a, err := s.activation(r.URL.Query())
	if err != nil {
		renderError(w, err)
		return
	}
	to, err := s.decide(a, Decision(r.PostFormValue("decision")))
	if err != nil {
		renderError(w, err)
		return
	}
	http.Redirect(w, r, to, http.StatusFound)
}

// activationForm is Paycor's own form, which needs no redirect URI of ours. The code
// verifier on it must be copied before pressing Initiate.
func (s consentPages) activationForm(w http.ResponseWriter, _ *http.Request) {
	render(w, http.StatusOK, "", "activation", map[string]any{"Verifier": randomHex(32)})
}

func (s consentPages) activationStart(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	own := "http://" + r.Host + "/AppActivation/ClientRedirect"
	query := url.Values{
		"response_type": {"code"}, "code_challenge_method": {"S256"}, "redirect_uri": {own},
		"client_id":      {strings.TrimSpace(r.PostFormValue("client_id"))},
		keyQuery:         {strings.TrimSpace(r.PostFormValue("subscription_key"))},
		"scope":          {strings.TrimSpace(r.PostFormValue("scope")) + " offline_access"},
		"code_challenge": {challengeOf(r.PostFormValue("code_verifier"))},
	}
	a, err := s.activationAt(query, own)
	if err != nil {
		renderError(w, err)
		return
	}
	to, err := s.decide(a, Allow)
	if err != nil {
		renderError(w, err)
		return
	}
	http.Redirect(w, r, to, http.StatusFound)
}

// activationEnd shows the code, which the real page leaves in the address bar.
func (s consentPages) activationEnd(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	render(w, http.StatusOK, "", "redirected", map[string]any{
		"Code": query.Get("code"), "Problem": query.Get("error"),
		"RedirectURI": "http://" + r.Host + "/AppActivation/ClientRedirect",
	})
}

func renderError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if said, ok := errors.AsType[*pageError](err); ok {
		status = said.status
	}
	render(w, status, "", "error", map[string]any{"Text": err.Error()})
}
