package web

import (
	"encoding/json"
	"net/http"

	"paycorcred/paycor/api"
	"paycorcred/paycor/embed"
)

func listEmbedHosts(w http.ResponseWriter, r *http.Request, service api.Service) error {
	listed, err := service.Hosts(r.Context())
	if err != nil {
		return err
	}
	listed.Hosts = nonNil(listed.Hosts)
	return writeJSON(w, http.StatusOK, listed)
}

func addEmbedHost(w http.ResponseWriter, r *http.Request, service api.Service) error {
	var draft embed.HostDraft
	var keys json.RawMessage
	into := targets{
		"id": &draft.ID, "name": &draft.Name, "origins": &draft.Origins, "rights": &draft.Rights,
		"keys": &keys, "keys_url": &draft.KeysURL,
	}
	if err := readJSON(w, r, into, bodyRequired); err != nil {
		return err
	}
	draft.Keys = keysText(keys)
	host, err := service.AddHost(r.Context(), draft)
	if err != nil {
		return err
	}
	w.Header().Set("Location", apiRoot+"/hosts/"+host.ID)
	return writeVersioned(w, http.StatusCreated, host, host)
}

// keysText returns keys of a body as they were pasted: PEM comes in a string, a JWKS as an
// object.
func keysText(keys json.RawMessage) string {
	var text string
	if json.Unmarshal(keys, &text) == nil {
		return text
	}
	return string(keys)
}

func patchEmbedHost(w http.ResponseWriter, r *http.Request, service api.Service) error {
	etag, err := ifMatch(r)
	if err != nil {
		return err
	}
	var patch embed.HostPatch
	var keys json.RawMessage
	into := targets{"name": &patch.Name, "origins": &patch.Origins, "rights": &patch.Rights, "keys": &keys, "keys_url": &patch.KeysURL}
	if err := readJSON(w, r, into, bodyRequired); err != nil {
		return err
	}
	if keys != nil {
		text := keysText(keys)
		patch.Keys = &text
	}
	host, err := service.UpdateHost(r.Context(), r.PathValue("id"), patch, etag)
	if err != nil {
		return err
	}
	return writeVersioned(w, http.StatusOK, host, host)
}

func removeEmbedHost(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if err := service.RemoveHost(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return writeNoContent(w)
}
