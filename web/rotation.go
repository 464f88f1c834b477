package web

import (
	"net/http"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

func (h *progressHandlers) rotate(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	var request paycor.RotateRequest
	into := targets{
		"client_secret": &request.ClientSecret, "subscription_key": &request.SubscriptionKey, "keep": &request.Keep,
		"rotate_by": &request.RotateBy, "keep_pending": &request.KeepPending, "accept_warnings": &request.AcceptWarnings,
	}
	if err := readJSON(w, r, into, bodyOptional); err != nil {
		return err
	}
	return h.write(w, r, "rotated", func(progress paycor.Progress) (any, error) {
		rotated, err := service.Rotate(r.Context(), id, request, progress)
		return visibleRotated(r, rotated), err
	})
}

func (h *progressHandlers) rollBack(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	var anyway bool
	if err := readJSON(w, r, targets{"anyway": &anyway}, bodyOptional); err != nil {
		return err
	}
	return h.write(w, r, "rotated", func(progress paycor.Progress) (any, error) {
		rotated, err := service.RotateBack(r.Context(), id, anyway, progress)
		return visibleRotated(r, rotated), err
	})
}

func endRotation(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	credential, err := service.EndRotation(r.Context(), id)
	if err != nil {
		return err
	}
	return writeVersioned(w, http.StatusOK, credential, visibleCredential(r, credential))
}
