package web

import (
	"net/http"

	"paycorcred/paycor/api"
	"paycorcred/paycor/notification"
)

func listChannels(w http.ResponseWriter, r *http.Request, service api.Service) error {
	listed, err := service.Channels(r.Context())
	if err != nil {
		return err
	}
	listed.Channels = nonNil(listed.Channels)
	return writeJSON(w, http.StatusOK, listed)
}

// newChannel is a channel with the new secret of its signatures. No other response contains
// the secret.
type newChannel struct {
	notification.Channel
	Secret string `json:"secret,omitempty"`
}

func addChannel(w http.ResponseWriter, r *http.Request, service api.Service) error {
	var draft notification.Draft
	into := targets{
		"type": &draft.Type, "name": &draft.Name, "address": &draft.Address, "language": &draft.Language,
		"kinds": &draft.Kinds, "tags": &draft.Tags, "credentials": &draft.Credentials,
	}
	if err := readJSON(w, r, into, bodyRequired); err != nil {
		return err
	}
	if draft.Language == "" {
		draft.Language = languageOf(w).Tag()
	}
	added, err := service.AddChannel(r.Context(), draft)
	if err != nil {
		return err
	}
	w.Header().Set("Location", apiRoot+"/channels/"+added.ID)
	return writeVersioned(w, http.StatusCreated, added.Channel, newChannel{added.Channel, added.Secret.Reveal()})
}

func patchChannel(w http.ResponseWriter, r *http.Request, service api.Service) error {
	etag, err := ifMatch(r)
	if err != nil {
		return err
	}
	var patch notification.Patch
	into := targets{
		"name": &patch.Name, "address": &patch.Address, "language": &patch.Language, "kinds": &patch.Kinds, "tags": &patch.Tags,
		"credentials": &patch.Credentials, "enabled": &patch.Enabled,
	}
	if err := readJSON(w, r, into, bodyRequired); err != nil {
		return err
	}
	channel, err := service.UpdateChannel(r.Context(), r.PathValue("id"), patch, etag)
	if err != nil {
		return err
	}
	return writeVersioned(w, http.StatusOK, channel, channel)
}

func replaceChannelSecret(w http.ResponseWriter, r *http.Request, service api.Service) error {
	replaced, err := service.ReplaceChannelSecret(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeVersioned(w, http.StatusOK, replaced.Channel, newChannel{replaced.Channel, replaced.Secret.Reveal()})
}

func removeChannel(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if err := service.RemoveChannel(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return writeNoContent(w)
}

func testChannel(w http.ResponseWriter, r *http.Request, service api.Service) error {
	sent, err := service.TestChannel(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, sent)
}

func listDeliveries(w http.ResponseWriter, r *http.Request, service api.Service) error {
	values, err := readQuery(r, "cursor")
	if err != nil {
		return err
	}
	cursor, _, err := paging(values)
	if err != nil {
		return err
	}
	page, err := service.ChannelDeliveries(r.Context(), r.PathValue("id"), cursor)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, page)
}

func replayDelivery(w http.ResponseWriter, r *http.Request, service api.Service) error {
	again, err := service.ReplayDelivery(r.Context(), r.PathValue("id"), r.PathValue("delivery"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusAccepted, again)
}
