package web

import (
	"net/http"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

func findDuplicates(w http.ResponseWriter, r *http.Request, service api.Service) error {
	var request paycor.DuplicateRequest
	into := targets{
		"id": &request.ID, "name": &request.Name, "environment": &request.Environment,
		"client_id": &request.ClientID, "legal_entity_id": &request.LegalEntityID,
	}
	if err := readJSON(w, r, into, bodyRequired); err != nil {
		return err
	}
	found, err := service.Duplicates(r.Context(), request)
	if err != nil {
		return err
	}
	if !mayView(r) { // they name credentials of others
		found = nil
	}
	return writeJSON(w, http.StatusOK, map[string]any{"duplicates": nonNil(found)})
}
