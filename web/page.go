package web

import (
	"fmt"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

const product = "Paycor credentials"

// authenticatePage is the screen on which a credential is chosen or added.
func (d *door) authenticatePage(w http.ResponseWriter, r *http.Request, service api.Service) error {
	start, err := d.start(r, service)
	if err == nil {
		start.List, err = service.Credentials(r.Context(), paycor.Query{})
		start.List = shownPage(start.List)
	}
	status := http.StatusOK
	if err != nil {
		p := d.told(r, err)
		status, start.Failure = p.Status, p.Detail
	}
	return d.writeShell(w, status, localeOf(r).Text("authenticate"), start)
}

// credentialPage is one credential's own page.
func (d *door) credentialPage(w http.ResponseWriter, r *http.Request, service api.Service) error {
	id, err := credentialID(r)
	if err != nil {
		return d.noCredential(w)
	}
	start, err := d.start(r, service)
	if err != nil {
		return d.failedPage(w, r, err)
	}
	credential, err := service.Credential(r.Context(), id)
	if paycor.KindOf(err) == paycor.KindNotFound {
		return d.noCredential(w)
	}
	if err != nil {
		return d.failedPage(w, r, err)
	}
	history, err := service.History(r.Context(), id)
	if err != nil && paycor.KindOf(err) != paycor.KindForbidden { // who may not read the history sees the page without it
		return d.failedPage(w, r, err)
	}
	usage, err := service.Usage(r.Context(), id)
	if err != nil && paycor.KindOf(err) != paycor.KindForbidden {
		return d.failedPage(w, r, err)
	}
	if err == nil {
		usage = shownUsage(usage)
		start.Usage = &usage
	}
	credential = shownCredential(credential)
	start.Credential, start.History = &credential, history
	start.Chosen = r.URL.Query().Has("purpose")
	start.Activation = activationNotice(r.URL.Query().Get("activation"), credential)
	return d.writeShell(w, http.StatusOK, credential.Name, start)
}

// blank is what a page knows before anything is asked.
func (d *door) blank(r *http.Request, service api.Service) api.Start {
	start := api.Start{
		Path: r.URL.Path, Locale: localeOf(r).Tag(), Purpose: paycor.PurposeSource, Caller: *visitOf(r).caller,
		Preferred: d.Preferred, Now: d.Clock().UTC(), List: shownPage(paycor.CredentialPage{}), Environments: []paycor.Environment{},
	}
	d.session(r, service, &start)
	return start
}

// titles adds the environments to a page that names some, for whoever may see
// them.
func titles(r *http.Request, service api.Service, start *api.Start) error {
	if !start.Caller.Rights.Has(paycor.RightView) {
		return nil
	}
	environments, err := service.Environments(r.Context())
	start.Environments = list(environments)
	return err
}

// start gathers what every page of credentials begins with.
func (d *door) start(r *http.Request, service api.Service) (api.Start, error) {
	start := d.blank(r, service)
	if r.URL.Query().Get("purpose") == string(paycor.PurposeDestination) {
		start.Purpose = paycor.PurposeDestination
	}
	environments, err := service.Environments(r.Context())
	start.Environments = list(environments)
	if err != nil {
		return start, fmt.Errorf("listing the environments: %w", err)
	}
	if start.Preferred == "" && len(environments) > 0 {
		start.Preferred = environments[0].Name
	}
	return start, nil
}

func (d *door) noCredential(w http.ResponseWriter) error {
	return d.writeWords(w, http.StatusNotFound, words{
		Title: "No such credential",
		Text:  []string{"There is no credential at this address. It may have been deleted."},
		Back:  true,
	})
}

func (d *door) failedPage(w http.ResponseWriter, r *http.Request, err error) error {
	p := d.told(r, err)
	return d.writeWords(w, p.Status, words{
		Title: "This page cannot be shown", Text: []string{p.Detail, "Request id: " + p.RequestID}, Back: true,
	})
}
