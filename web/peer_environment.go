package web

import (
	"net/http"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// verifyInPeerEnvironment tests the values in the other environment, which
// happens only on request.
func verifyInPeerEnvironment(w http.ResponseWriter, r *http.Request, service api.Service) error {
	var request paycor.VerifyRequest
	into := draftTargets(&request.Draft).with("id", &request.ID).with("application_id", &request.ApplicationID).with("accept_warnings", &request.AcceptWarnings)
	if err := readJSON(w, r, into, bodyRequired); err != nil {
		return err
	}
	result, err := service.TryPeerEnvironment(r.Context(), request)
	if err != nil {
		return err
	}
	result.Verdict = presentVerdict(result.Verdict)
	return writeJSON(w, http.StatusOK, result)
}
