package web

import (
	"net/http"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/verdicts"
)

func (h *progressHandlers) verifyCredential(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	if err := readJSON(w, r, targets{}, bodyOptional); err != nil {
		return err
	}
	return h.writeVerdict(w, r, func(progress paycor.Progress) (verdicts.Verdict, error) {
		return service.Verify(r.Context(), id, progress)
	})
}

func (h *progressHandlers) verifyDraft(w http.ResponseWriter, r *http.Request, service api.Service) error {
	var request paycor.VerifyRequest
	into := draftTargets(&request.Draft).with("id", &request.ID).with("application_id", &request.ApplicationID).
		with("accept_warnings", &request.AcceptWarnings).with("skip_data_access", &request.SkipDataAccess)
	if err := readJSON(w, r, into, bodyRequired); err != nil {
		return err
	}
	return h.writeVerdict(w, r, func(progress paycor.Progress) (verdicts.Verdict, error) {
		return service.VerifyDraft(r.Context(), request, progress)
	})
}

func (h *progressHandlers) writeVerdict(w http.ResponseWriter, r *http.Request, verify func(paycor.Progress) (verdicts.Verdict, error)) error {
	return h.write(w, r, "verdict", func(progress paycor.Progress) (any, error) {
		verdict, err := verify(progress)
		return presentVerdict(verdict), err
	})
}
