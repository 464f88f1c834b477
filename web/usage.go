package web

import (
	"net/http"
	"paycorcred/paycor/api"
	"paycorcred/paycor/usage"
)

func (d *door) credentialUsage(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	used, err := service.Usage(r.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, shownUsage(used))
}

func shownUsage(used usage.Usage) usage.Usage {
	used.Hours, used.Users, used.Failures = list(used.Hours), list(used.Users), list(used.Failures)
	return used
}
