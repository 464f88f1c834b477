package web

import (
	"net/http"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/embed"
)

// exchangeResponse is the response to a valid token of an embedding site.
type exchangeResponse struct {
	Session   string    `json:"session"`    // handle, which the page keeps in memory
	ExpiresIn int       `json:"expires_in"` // seconds, because the browser's clock may be wrong
	Start     api.Start `json:"start"`
}

// exchange exchanges a site's token for a session. A frame that starts accepts HTML, and
// gets its screen with the session in the data block, so that a person can use it before
// the program has loaded. Every rejection is audited with its own code.
func (h *embedHandlers) exchange(w http.ResponseWriter, r *http.Request) error {
	if _, err := readQuery(r, "lang"); err != nil {
		return err
	}
	if err := h.auth.sameOrigin(r); err != nil {
		return err
	}
	var request embed.Request
	if err := readJSON(w, r, targets{"host": &request.Host, "token": &request.Token, "origin": &request.Origin}, bodyRequired); err != nil {
		return err
	}
	host, err := h.host(r, request.Host)
	if err != nil {
		return asDenial(err)
	}
	info := infoOf(r)
	// Until the token is validated, only the site it claims to come from is known.
	info.caller = &paycor.Caller{Kind: paycor.CallerUnknown, ID: host.ID, Name: host.Name, Workspace: host.Workspace, From: info.clientIP, RequestID: info.id}
	request.Audience, request.From, request.ID = originOf(r, h.secure), info.clientIP, info.id
	session, err := h.sites.Exchange(r.Context(), request)
	if err != nil {
		return asDenial(err)
	}
	service, err := h.services.bind(r, withCaller(r, session.Caller))
	if err != nil {
		return err
	}
	start, err := h.screens.startWithList(r, service)
	if err != nil {
		start.Failure = h.errors.report(r, err).Detail
	}
	start.Path, start.Embed = "/", embedStart(host)
	response := exchangeResponse{
		Session: session.Handle.Reveal(), ExpiresIn: int(session.ExpiresAt.Sub(h.clock()).Seconds()), Start: start,
	}
	if acceptsHTML(r) {
		return h.pages.writeSession(w, r, response)
	}
	return writeJSON(w, http.StatusOK, response)
}

// asDenial turns an error about a site's token into a denial, so that it is
// audited.
func asDenial(err error) error {
	if known, ok := err.(*paycor.Error); ok && slices.Contains(embed.Kinds(), known.Kind) {
		return &denial{public: known}
	}
	return err
}
