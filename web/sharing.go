package web

import (
	"net/http"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

func shareCredential(w http.ResponseWriter, r *http.Request, service api.Service, id string) error {
	etag, err := ifMatch(r)
	if err != nil {
		return err
	}
	var restricted bool
	var sharing paycor.Sharing
	into := targets{"restricted": &restricted, "people": &sharing.People, "groups": &sharing.Groups}
	if err := readJSON(w, r, into, bodyRequired); err != nil {
		return err
	}
	restriction := &sharing
	if !restricted {
		if len(sharing.People)+len(sharing.Groups) > 0 {
			return &paycor.Error{Kind: paycor.KindInvalid, Message: message.New("error.sharing-contradiction"),
				Problems: []fields.Problem{{Field: fields.Sharing, Code: fields.ProblemRequired, Message: message.New("problem.sharing-contradiction")}}}
		}
		restriction = nil
	}
	credential, err := service.Share(r.Context(), id, restriction, etag)
	if err != nil {
		return err
	}
	return writeVersioned(w, http.StatusOK, credential, visibleCredential(r, credential))
}
