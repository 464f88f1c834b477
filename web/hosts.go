package web

import (
	"encoding/json"
	"net/http"
	"paycorcred/paycor/api"
	"paycorcred/paycor/embed"
)

// hostList is a list of hosts, never null.
type hostList struct {
	Hosts []embed.Host `json:"hosts"`
}

func (d *door) listHosts(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	hosts, err := service.Hosts(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, hostList{list(hosts)})
}

func (d *door) addHost(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	var draft embed.HostDraft
	var keys json.RawMessage
	into := targets{
		"id": &draft.ID, "name": &draft.Name, "origins": &draft.Origins, "rights": &draft.Rights,
		"keys": &keys, "keys_url": &draft.KeysURL,
	}
	if err := readJSON(w, r, into, false); err != nil {
		return err
	}
	draft.Keys = string(keys)
	host, err := service.AddHost(r.Context(), draft)
	if err != nil {
		return err
	}
	w.Header().Set("Location", apiRoot+"/hosts/"+host.ID)
	w.Header().Set("ETag", host.ETag())
	return writeJSON(w, http.StatusCreated, host)
}

func (d *door) patchHost(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	etag, err := ifMatch(r)
	if err != nil {
		return err
	}
	var patch embed.HostPatch
	var keys json.RawMessage
	into := targets{"name": &patch.Name, "origins": &patch.Origins, "rights": &patch.Rights, "keys": &keys, "keys_url": &patch.KeysURL}
	if err := readJSON(w, r, into, false); err != nil {
		return err
	}
	if keys != nil {
		text := string(keys)
		patch.Keys = &text
	}
	host, err := service.UpdateHost(r.Context(), r.PathValue("id"), patch, etag)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", host.ETag())
	return writeJSON(w, http.StatusOK, host)
}

func (d *door) removeHost(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	if err := service.RemoveHost(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// hostsPage is the screen on which hosts are registered.
func (d *door) hostsPage(w http.ResponseWriter, r *http.Request, service api.Service) error {
	start := d.blank(r, service)
	hosts, err := service.Hosts(r.Context())
	if err != nil {
		return d.failedPage(w, r, err)
	}
	start.Hosts = hosts
	return d.writeShell(w, http.StatusOK, localeOf(r).Text("embed-hosts"), start)
}
