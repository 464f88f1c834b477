package web

import (
	"net/http"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/application"
)

func listApplications(w http.ResponseWriter, r *http.Request, service api.Service) error {
	values, err := readQuery(r, "client_id", "environment", "cursor", "limit")
	if err != nil {
		return err
	}
	query := application.Query{ClientID: values.Get("client_id"), Environment: values.Get("environment")}
	if query.Cursor, query.Limit, err = paging(values); err != nil {
		return err
	}
	page, err := service.Applications(r.Context(), query)
	if err != nil {
		return err
	}
	for i, found := range page.Applications {
		page.Applications[i] = presentApplication(found)
	}
	page.Applications = nonNil(page.Applications)
	return writeJSON(w, http.StatusOK, page)
}

func getApplication(w http.ResponseWriter, r *http.Request, service api.Service) error {
	id := r.PathValue("id")
	if !validID(id) {
		return paycor.Errorf(paycor.KindNotFound, "error.application-not-found")
	}
	found, err := service.Application(r.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, presentApplication(found))
}

func applicationUsage(w http.ResponseWriter, r *http.Request, service api.Service) error {
	id := r.PathValue("id")
	if !validID(id) {
		return paycor.Errorf(paycor.KindNotFound, "error.application-not-found")
	}
	used, err := service.ApplicationUsage(r.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, presentUsage(used))
}

func presentApplication(found application.Application) application.Application {
	found.Credentials = nonNil(found.Credentials)
	if kept := found.Rotation; kept != nil && kept.Verdict != nil {
		rotation := *kept
		rotation.Verdict = presentedVerdict(kept.Verdict)
		found.Rotation = &rotation
	}
	return found
}
