package web

import (
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/verdicts"
)

func (d *door) rotate(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	var request paycor.RotateRequest
	into := targets{
		"client_secret": &request.ClientSecret, "subscription_key": &request.SubscriptionKey, "keep": &request.Keep,
		"rotate_by": &request.RotateBy, "keep_pending": &request.KeepPending, "accept_warnings": &request.AcceptWarnings,
	}
	if err := readJSON(w, r, into, true); err != nil {
		return err
	}
	return d.answerSteps(w, r, "rotated", func(progress paycor.Progress) (any, error) {
		rotated, err := service.Rotate(r.Context(), id, request, progress)
		return shownRotated(rotated), err
	})
}

func (d *door) rotateBack(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	var anyway bool
	if err := readJSON(w, r, targets{"anyway": &anyway}, true); err != nil {
		return err
	}
	return d.answerSteps(w, r, "rotated", func(progress paycor.Progress) (any, error) {
		rotated, err := service.RotateBack(r.Context(), id, anyway, progress)
		return shownRotated(rotated), err
	})
}

func shownRotated(rotated paycor.Rotated) paycor.Rotated {
	if rotated.Verdict.Outcome != "" { // a way back may have none
		rotated.Verdict = shownVerdict(rotated.Verdict)
	}
	rotated.Credential = shownCredential(rotated.Credential)
	return rotated
}

func (d *door) endRotation(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	credential, err := service.EndRotation(r.Context(), id)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", credential.ETag())
	return writeJSON(w, http.StatusOK, shownCredential(credential))
}

// answerSteps answers with what came of it, or, for who asks for lines, with
// each step as it happens and what came of it last, under a name.
func (d *door) answerSteps(w http.ResponseWriter, r *http.Request, name string, do func(paycor.Progress) (any, error)) error {
	if !wantsLines(r) {
		result, err := do(nil)
		if err != nil {
			return err
		}
		return writeJSON(w, http.StatusOK, result)
	}
	lines := &lineWriter{w: w}
	result, err := do(func(step verdicts.Step) { lines.write("step", step) })
	if err != nil && !lines.begun {
		return err // nothing is out yet: an ordinary problem says it best
	}
	if err != nil {
		lines.write("problem", d.told(r, err))
		return nil
	}
	lines.write(name, result)
	return nil
}
