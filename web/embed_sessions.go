package web

import (
	"net/http"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/embed"
)

// oneTimeToken is the response with a one-time token. No other response contains it.
type oneTimeToken struct {
	Token     string    `json:"token"`
	ExpiresAt time.Time `json:"expires_at"`
}

// createSession creates the one-time token by which the page in a site's frame opens a
// session.
func (h *embedHandlers) createSession(w http.ResponseWriter, r *http.Request, _ api.Service) error {
	var draft embed.OneTimeTokenDraft
	into := targets{
		"host": &draft.Host, "origin": &draft.Origin, "tenant": &draft.Tenant, "subject": &draft.Person.Subject, "name": &draft.Person.Name,
		"email": &draft.Person.Email, "groups": &draft.Person.Groups, "rights": &draft.Rights, "credentials": &draft.Credentials,
	}
	if err := readJSON(w, r, into, bodyRequired); err != nil {
		return err
	}
	if h.sites == nil {
		return paycor.Errorf(paycor.KindNotFound, "error.nothing-embeds")
	}
	caller, err := limit(r, *infoOf(r).caller)
	if err != nil {
		return err
	}
	created, err := h.sites.CreateOneTimeToken(r.Context(), caller, draft)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, oneTimeToken{created.Token.Reveal(), created.ExpiresAt})
}
