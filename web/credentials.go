package web

import (
	"net/http"
	"unicode/utf8"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// maxID is the length of an id in bytes beyond which no resource has it.
const maxID = 128

// validID reports whether an id from a path can exist at all.
func validID(id string) bool { return len(id) <= maxID && utf8.ValidString(id) }

// credentialID returns the credential id in the path. It rejects impossible ids
// without a query to the store.
func credentialID(r *http.Request) (string, error) {
	id := r.PathValue("id")
	if !validID(id) {
		return "", paycor.Errorf(paycor.KindNotFound, "error.credential-not-found")
	}
	return id, nil
}

func listCredentials(w http.ResponseWriter, r *http.Request, service api.Service) error {
	query, err := listQuery(r)
	if err != nil {
		return err
	}
	page, err := service.Credentials(r.Context(), query)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, presentPage(page))
}

func countCredentials(w http.ResponseWriter, r *http.Request, service api.Service) error {
	counts, err := service.CredentialCounts(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, presentCounts(counts))
}

func createCredential(w http.ResponseWriter, r *http.Request, service api.Service) error {
	var draft paycor.Draft
	options, err := createOptions(r)
	if err != nil {
		return err
	}
	if err := readJSON(w, r, draftTargets(&draft).with("application_id", &options.ApplicationID).with("accept_warnings", &options.AcceptWarnings), bodyRequired); err != nil {
		return err
	}
	saved, err := service.Create(r.Context(), draft, options)
	if err != nil {
		return err
	}
	w.Header().Set("Location", apiRoot+"/credentials/"+saved.ID)
	return writeVersioned(w, http.StatusCreated, saved, visibleSaved(r, saved))
}

func createOptions(r *http.Request) (options paycor.CreateOptions, err error) {
	if options.SkipVerify, err = skipVerify(r); err != nil {
		return options, err
	}
	options.IdempotencyKey, err = idempotencyKey(r)
	return options, err
}

func getCredential(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	credential, err := service.Credential(r.Context(), id)
	if err != nil {
		return err
	}
	if notModified(r, credential.ETag()) {
		w.Header().Set("ETag", credential.ETag())
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeVersioned(w, http.StatusOK, credential, presentCredential(credential))
}

func patchCredential(w http.ResponseWriter, r *http.Request, service api.Service) error {
	var patch paycor.Patch
	var options paycor.UpdateOptions
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	if err := updateQuery(r, &options); err != nil {
		return err
	}
	if options.IfMatch, err = ifMatch(r); err != nil {
		return err
	}
	if err := readJSON(w, r, patchTargets(&patch).with("accept_warnings", &options.AcceptWarnings), bodyRequired); err != nil {
		return err
	}
	saved, err := service.Update(r.Context(), id, patch, options)
	if err != nil {
		return err
	}
	return writeVersioned(w, http.StatusOK, saved, visibleSaved(r, saved))
}

func deleteCredential(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	etag, err := ifMatch(r)
	if err != nil {
		return err
	}
	if err := service.Delete(r.Context(), id, etag); err != nil {
		return err
	}
	return writeNoContent(w)
}

func credentialHistory(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	history, err := service.History(r.Context(), id)
	if err != nil {
		return err
	}
	history.Entries = nonNil(history.Entries)
	return writeJSON(w, http.StatusOK, history)
}

func credentialUsage(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	used, err := service.Usage(r.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, presentUsage(used))
}

func listEnvironments(w http.ResponseWriter, r *http.Request, service api.Service) error {
	environments, err := service.Environments(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"environments": presentEnvironments(environments)})
}
