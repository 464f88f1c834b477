package web

import (
	"net/http"

	"paycorcred/paycor"
)

func (d *door) credentialUsage(w http.ResponseWriter, r *http.Request, service paycor.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	usage, err := service.Usage(r.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, shownUsage(usage))
}

func shownUsage(usage paycor.Usage) paycor.Usage {
	usage.Hours, usage.Users, usage.Failures = list(usage.Hours), list(usage.Users), list(usage.Failures)
	return usage
}
