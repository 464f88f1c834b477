package web

import (
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

func (d *door) findDuplicates(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	var request paycor.DuplicateRequest
	into := targets{
		"id": &request.ID, "name": &request.Name, "environment": &request.Environment,
		"client_id": &request.ClientID, "legal_entity_id": &request.LegalEntityID,
	}
	if err := readJSON(w, r, into, false); err != nil {
		return err
	}
	found, err := service.Duplicates(r.Context(), request)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"duplicates": list(found)})
}
