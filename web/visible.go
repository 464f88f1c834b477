package web

import (
	"net/http"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// writtenCredential is what a caller with the right edit, but not view, learns of a
// credential that they changed: nothing that others saved.
type writtenCredential struct {
	ID        string            `json:"id"`
	State     paycor.State      `json:"state"`
	Verdict   *verdicts.Verdict `json:"verdict,omitempty"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
	Version   int64             `json:"version"`
}

// mayView reports whether the caller of a request may see credentials.
func mayView(r *http.Request) bool {
	caller := infoOf(r).caller
	return caller != nil && caller.Rights.Has(paycor.RightView)
}

// visibleCredential returns what the caller may see of a credential they changed.
func visibleCredential(r *http.Request, credential paycor.Credential) any {
	presented := presentCredential(credential)
	if mayView(r) {
		return presented
	}
	if presented.Verdict != nil {
		presented.Verdict.Entities = nil // of the whole application
	}
	return writtenCredential{
		ID: presented.ID, State: presented.State, Verdict: presented.Verdict, CreatedAt: presented.CreatedAt, UpdatedAt: presented.UpdatedAt, Version: presented.Version,
	}
}

// visibleSaved is visibleCredential with the warnings and duplicates of a save, which
// name other credentials.
func visibleSaved(r *http.Request, saved paycor.Saved) any {
	if mayView(r) {
		return presentSaved(saved)
	}
	return visibleCredential(r, saved.Credential)
}

// visibleRotated is visibleCredential for a rotation.
func visibleRotated(r *http.Request, rotated paycor.Rotated) any {
	presented := presentRotated(rotated)
	if mayView(r) {
		return presented
	}
	presented.Verdict.Entities = nil
	return struct {
		Promoted   bool             `json:"promoted"`
		Verdict    verdicts.Verdict `json:"verdict,omitzero"`
		Credential any              `json:"credential"`
	}{presented.Promoted, presented.Verdict, visibleCredential(r, rotated.Credential)}
}
