package web

import (
	"net/http"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/consumer"
)

func listTokens(w http.ResponseWriter, r *http.Request, service api.Service) error {
	values, err := readQuery(r, "cursor", "limit")
	if err != nil {
		return err
	}
	var query consumer.Query
	if query.Cursor, query.Limit, err = paging(values); err != nil {
		return err
	}
	page, err := service.Consumers(r.Context(), query)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, tokenPage{presentConsumers(page.Consumers), page.Next, page.Total, page.Unreadable})
}

// tokenPage is one page of the list of tokens.
type tokenPage struct {
	Tokens     []consumer.Consumer `json:"tokens"`
	Next       string              `json:"next_cursor,omitempty"`
	Total      int                 `json:"total"`
	Unreadable int                 `json:"unreadable,omitempty"`
}

// newToken is a consumer with its API token. No other response contains the
// token.
type newToken struct {
	consumer.Consumer
	Token string `json:"token"`
}

func createToken(w http.ResponseWriter, r *http.Request, service api.Service) error {
	var draft consumer.Draft
	into := targets{"name": &draft.Name, "rights": &draft.Rights, "credentials": &draft.Credentials, "expires_at": &draft.ExpiresAt}
	if err := readJSON(w, r, into, bodyRequired); err != nil {
		return err
	}
	created, err := service.CreateConsumer(r.Context(), draft)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, newToken{presentConsumers([]consumer.Consumer{created.Consumer})[0], created.Token.Reveal()})
}

func revokeToken(w http.ResponseWriter, r *http.Request, service api.Service) error {
	id := r.PathValue("id")
	if !validID(id) {
		return paycor.Errorf(paycor.KindNotFound, "error.token-not-found")
	}
	if err := service.RevokeConsumer(r.Context(), id); err != nil {
		return err
	}
	return writeNoContent(w)
}
