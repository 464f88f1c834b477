package web

import (
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// tryCounterpart asks the other environment, for somebody who pressed for it.
func (d *door) tryCounterpart(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	var request paycor.VerifyRequest
	into := draftTargets(&request.Draft).with("id", &request.ID).with("accept_warnings", &request.AcceptWarnings)
	if err := readJSON(w, r, into, false); err != nil {
		return err
	}
	answer, err := service.TryCounterpart(r.Context(), request)
	if err != nil {
		return err
	}
	answer.Verdict = shownVerdict(answer.Verdict)
	return writeJSON(w, http.StatusOK, answer)
}
