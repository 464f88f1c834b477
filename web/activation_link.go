package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"time"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/api"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/quota"
)

// outcomeParameter says how a visit to Paycor's page went.
const outcomeParameter = "activation"

// activationLinks is followed by the code of an activation link.
const activationLinks = "/activation/links/"

// How often links can be opened and used in a minute: each use writes to the audit
// trail.
const (
	maxLinkVisits = 60 // by one client address
	maxLinkUses   = 10 // of one link
)

// newLinkLimit limits visits by client address and uses by link.
func newLinkLimit(clock func() time.Time) *quota.Rate {
	return quota.NewRate(func(principal quota.Principal) int {
		if principal.Kind == quota.KindCredential {
			return maxLinkUses
		}
		return maxLinkVisits
	}, clock)
}

func visitsBy(address string) quota.Principal {
	return quota.Principal{Kind: quota.KindCaller, CallerKind: paycor.CallerLink, ID: address}
}

func (h *activationHandlers) createLink(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	if err := readJSON(w, r, targets{}, bodyOptional); err != nil {
		return err
	}
	link, err := service.CreateActivationLink(r.Context(), id)
	if err != nil {
		return err
	}
	link.URL = addressOf(r, h.secure) + activationLinks + link.Code.Reveal()
	return writeJSON(w, http.StatusCreated, link)
}

func listActivationLinks(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	list, err := service.ActivationLinks(r.Context(), id)
	if err != nil {
		return err
	}
	list.Links = nonNil(list.Links)
	return writeJSON(w, http.StatusOK, list)
}

func revokeActivationLink(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	link := r.PathValue("link")
	if !validID(link) {
		return paycor.Errorf(paycor.KindNotFound, "error.activation-link-not-found")
	}
	if err := service.RevokeActivationLink(r.Context(), id, link); err != nil {
		return err
	}
	return writeNoContent(w)
}

// link shows what a link is for. It changes nothing: mail scanners open links too.
func (h *activationHandlers) link(w http.ResponseWriter, r *http.Request) error {
	if h.links.Take(visitsBy(infoOf(r).clientIP)) > 0 {
		return h.linkCrowded(w, r)
	}
	return h.showLink(w, r)
}

func (h *activationHandlers) showLink(w http.ResponseWriter, r *http.Request) error {
	invitation, err := h.activations.Invitation(r.Context(), linkCode(r))
	switch {
	case paycor.KindOf(err) == paycor.KindUnauthorized:
		if err := h.errors.audit(r, string(kindStart)); err != nil {
			return err
		}
		return h.pages.writeText(w, r, http.StatusNotFound, textPage{
			Title: message.New("activation.link-title"), Text: []message.Message{message.New("activation.link-unknown")},
		})
	case err != nil:
		return h.screens.failed(w, r, err)
	case invitation.State != activation.LinkOpen:
		return h.pages.writeText(w, r, http.StatusGone, textPage{
			Title: message.New("activation.link-title"), Notice: visitFailure(r), Facts: invitationFacts(invitation),
			Text: endedLink(invitation.Link, languageOf(w)), Notes: nextStep(r, invitation.State),
		})
	}
	return h.invite(w, r, invitation)
}

func linkCode(r *http.Request) paycor.Secret { return paycor.NewSecret(r.PathValue("code")) }

// invite writes the page of a link that can be used.
func (h *activationHandlers) invite(w http.ResponseWriter, r *http.Request, invitation activation.Invitation) error {
	page := textPage{
		Title: message.New("activation.link-title"), Notice: visitFailure(r), Facts: invitationFacts(invitation),
		Text: []message.Message{message.New("activation.link-intro", invitation.CreatedBy)},
	}
	page.Facts = append(page.Facts,
		fact{message.New("activation.link-callback"), message.Text(addressOf(r, h.secure) + activationCallback)},
		fact{message.New("activation.link-expires"), timeMessage(invitation.ExpiresAt, languageOf(w))},
	)
	signedIn := true
	if invitation.SignIn {
		_, err := h.auth.person(r)
		if err != nil && paycor.KindOf(err) != paycor.KindUnauthorized {
			return err
		}
		signedIn = err == nil
	}
	// The session cookie is SameSite=Strict: a browser leaves it out where the link was opened
	// from another site, such as web mail or the frame of a console. See callback.
	if again := r.URL.Query(); !signedIn && again.Get(retriedParameter) == "" {
		again.Set(retriedParameter, "1")
		return h.pages.writeText(w, r, http.StatusOK, textPage{
			Title: page.Title, Refresh: r.URL.EscapedPath() + "?" + again.Encode(), Text: []message.Message{message.New("activation.link-opening")},
		})
	}
	if !signedIn {
		page.Notes = []message.Message{message.New("activation.link-sign-in")}
		page.Action = &link{h.signIn.addressFor(r), message.New("activation.link-sign-in-now")}
		return h.pages.writeText(w, r, http.StatusOK, page)
	}
	page.Notes = []message.Message{message.New("activation.link-who"), paycor.ActivationWarning}
	page.Post = &link{r.URL.EscapedPath(), message.New("activation.link-go")}
	return h.pages.writeText(w, r, http.StatusOK, page)
}

// invitationFacts lists what a link is for.
func invitationFacts(invitation activation.Invitation) []fact {
	return []fact{
		{message.New("activation.link-credential"), message.Text(invitation.Credential)},
		{fields.ClientID.Label(), message.Text(invitation.ClientID)},
		{fields.Environment.Label(), paycor.Environment{Name: invitation.Environment}.Title()},
	}
}

// endedLink says why a link does not work any more.
func endedLink(ended activation.Link, language *locale.Catalogue) []message.Message {
	switch ended.State {
	case activation.LinkUsed:
		return []message.Message{message.New("activation.link-used", timeMessage(ended.UsedAt, language))}
	case activation.LinkRevoked:
		return []message.Message{message.New("activation.link-revoked", timeMessage(ended.RevokedAt, language), ended.CreatedBy)}
	}
	return []message.Message{message.New("activation.link-expired", timeMessage(ended.ExpiresAt, language), ended.CreatedBy)}
}

// visitFailure says why the visit to Paycor's page failed, if it did. As in
// activationNotice, the address only chooses among the sentences about failures.
func visitFailure(r *http.Request) []message.Message {
	notice := activationNotice(r.URL.Query().Get(outcomeParameter), paycor.Credential{})
	if notice == nil {
		return nil
	}
	return []message.Message{notice.Message, notice.Remedy}
}

// nextStep says that nothing is left to do after an activation.
func nextStep(r *http.Request, state activation.LinkState) []message.Message {
	if state != activation.LinkUsed || visitFailure(r) != nil {
		return nil
	}
	return []message.Message{message.New("activation.link-close")}
}

func timeMessage(at time.Time, language *locale.Catalogue) message.Message {
	return message.Text(language.FormatTime(at, locale.DateTime))
}

// startByLink starts an activation by a link and sends the browser on its way. The
// response is a page that opens the next address, because browsers apply the
// form-action of our policy to every redirect after a form, also to Paycor's own.
func (h *activationHandlers) startByLink(w http.ResponseWriter, r *http.Request) error {
	if err := h.auth.sameOrigin(r); err != nil {
		return err
	}
	code := linkCode(r)
	if h.links.Take(visitsBy(infoOf(r).clientIP), quota.Principal{Kind: quota.KindCredential, ID: code.Reveal()}) > 0 {
		return h.linkCrowded(w, r)
	}
	invitation, err := h.activations.Invitation(r.Context(), code)
	if err != nil || invitation.State != activation.LinkOpen {
		return h.showLink(w, r)
	}
	caller, err := h.linkCaller(w, r, invitation.SignIn)
	if paycor.KindOf(err) == paycor.KindUnauthorized {
		return h.showLink(w, r)
	}
	if err != nil {
		return err
	}
	handle, err := h.activations.StartActivationByLink(r.Context(), code, caller, addressOf(r, h.secure)+activationCallback)
	switch {
	case paycor.KindOf(err) == paycor.KindUnauthorized: // it ended meanwhile
		return h.showLink(w, r)
	case err != nil:
		return h.screens.failed(w, r, err)
	}
	return h.pages.writeText(w, r, http.StatusOK, textPage{
		Title: message.New("activation.link-title"), Refresh: activationStart + url.PathEscape(handle.Reveal()),
		Text: []message.Message{message.New("activation.link-opening")},
	})
}

// linkCaller returns the person who is signed in, for a link that requires that, or a
// visitor.
func (h *activationHandlers) linkCaller(w http.ResponseWriter, r *http.Request, signIn bool) (paycor.Caller, error) {
	if signIn {
		caller, err := h.auth.person(r)
		if err != nil {
			return caller, err
		}
		return limit(r, caller)
	}
	visited := h.cookies.activation(r)
	if code := linkCode(r).Reveal(); visited.code != code {
		visited = visitedLink{browser: rand.Text() + rand.Text(), code: code}
		h.cookies.setActivation(w, r, visited)
	}
	return visitorOf(r, visited.browser), nil
}

// visitor returns who has opened an activation link in this browser, if somebody has.
func (h *activationHandlers) visitor(r *http.Request) (paycor.Caller, bool) {
	browser := h.cookies.activation(r).browser
	return visitorOf(r, browser), browser != ""
}

func visitorOf(r *http.Request, browser string) paycor.Caller {
	info := infoOf(r)
	return paycor.Caller{Kind: paycor.CallerLink, Browser: browser, From: info.clientIP, RequestID: info.id}
}

// finishByLink finishes an activation that this browser started by a link, and reports
// whether it started one with that state. The page of the link says how it went, so the
// authorization code does not stay in the address.
func (h *activationHandlers) finishByLink(w http.ResponseWriter, r *http.Request, query url.Values) (found bool, err error) {
	visitor, ok := h.visitor(r)
	if !ok {
		return false, nil
	}
	credential, found, err := h.activations.FinishActivationByLink(r.Context(), visitor, answerOf(query))
	if !found && err == nil {
		return false, nil
	}
	var known *paycor.Error
	outcome := activationDone
	switch {
	case err == nil && credential.State != paycor.StateVerified && credential.Verdict != nil:
		outcome = string(credential.Verdict.Code)
	case err == nil:
	case errors.As(err, &known) && known.Verdict != nil:
		h.errors.report(r, err)
		outcome = string(known.Verdict.Code)
	default:
		return true, h.screens.failed(w, r, err)
	}
	visited := h.cookies.activation(r)
	http.Redirect(w, r, activationLinks+url.PathEscape(visited.code)+"?"+outcomeParameter+"="+url.QueryEscape(outcome), http.StatusSeeOther)
	return true, nil
}

func (h *activationHandlers) linkCrowded(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Retry-After", "60")
	return h.pages.writeText(w, r, http.StatusTooManyRequests, textPage{
		Title: message.New("activation.link-title"), Text: []message.Message{message.New("activation.link-crowded")},
	})
}
