package web

import (
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"unicode/utf8"
)

// credentialID returns the id in the address. What can be no id of anybody's
// is not found, without the store being asked.
func credentialID(r *http.Request) (string, error) {
	const longest = 128
	id := r.PathValue("id")
	if len(id) > longest || !utf8.ValidString(id) {
		return "", paycor.Errorf(paycor.KindNotFound, "There is no such credential.")
	}
	return id, nil
}

func (d *door) listCredentials(w http.ResponseWriter, r *http.Request, service api.Service) error {
	query, err := listQuery(r)
	if err != nil {
		return err
	}
	page, err := service.Credentials(r.Context(), query)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, shownPage(page))
}

func (d *door) createCredential(w http.ResponseWriter, r *http.Request, service api.Service) error {
	var draft paycor.Draft
	options, err := createOptions(r)
	if err != nil {
		return err
	}
	if err := readJSON(w, r, draftTargets(&draft).with("accept_warnings", &options.AcceptWarnings), false); err != nil {
		return err
	}
	saved, err := service.Create(r.Context(), draft, options)
	if err != nil {
		return err
	}
	w.Header().Set("Location", apiRoot+"/credentials/"+saved.ID)
	w.Header().Set("ETag", saved.ETag())
	return writeJSON(w, http.StatusCreated, shownSaved(saved))
}

func createOptions(r *http.Request) (options paycor.CreateOptions, err error) {
	if options.SkipVerify, err = skipVerify(r); err != nil {
		return options, err
	}
	options.IdempotencyKey, err = idempotencyKey(r)
	return options, err
}

func (d *door) getCredential(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	credential, err := service.Credential(r.Context(), id)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", credential.ETag())
	if notModified(r, credential.ETag()) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeJSON(w, http.StatusOK, shownCredential(credential))
}

func (d *door) patchCredential(w http.ResponseWriter, r *http.Request, service api.Service) error {
	var patch paycor.Patch
	var options paycor.UpdateOptions
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	if options.SkipVerify, err = skipVerify(r); err != nil {
		return err
	}
	if options.IfMatch, err = ifMatch(r); err != nil {
		return err
	}
	if err := readJSON(w, r, patchTargets(&patch).with("accept_warnings", &options.AcceptWarnings), false); err != nil {
		return err
	}
	saved, err := service.Update(r.Context(), id, patch, options)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", saved.ETag())
	return writeJSON(w, http.StatusOK, shownSaved(saved))
}

func (d *door) deleteCredential(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	etag, err := ifMatch(r)
	if err != nil {
		return err
	}
	if err := service.Delete(r.Context(), id, etag); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (d *door) credentialHistory(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	entries, err := service.History(r.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"entries": list(entries)})
}

func (d *door) listEnvironments(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	environments, err := service.Environments(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"environments": list(environments)})
}
