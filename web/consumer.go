package web

import (
	"context"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/consumer"
	"unicode/utf8"
)

func (d *door) listTokens(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	consumers, err := service.Consumers(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"tokens": shownConsumers(consumers)})
}

// newToken is a consumer with its token, in the one answer that ever has it.
type newToken struct {
	consumer.Consumer
	Token string `json:"token"`
}

func (d *door) createToken(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	var draft consumer.Draft
	into := targets{"name": &draft.Name, "rights": &draft.Rights, "credentials": &draft.Credentials, "expires_at": &draft.ExpiresAt}
	if err := readJSON(w, r, into, false); err != nil {
		return err
	}
	made, err := service.CreateConsumer(r.Context(), draft)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, newToken{shownConsumers([]consumer.Consumer{made.Consumer})[0], made.Token.Reveal()})
}

func (d *door) revokeToken(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	const longest = 128
	id := r.PathValue("id")
	if len(id) > longest || !utf8.ValidString(id) {
		return paycor.Errorf(paycor.KindNotFound, "There is no such API token here.")
	}
	if err := service.RevokeConsumer(r.Context(), id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func shownConsumers(consumers []consumer.Consumer) []consumer.Consumer {
	shown := make([]consumer.Consumer, len(consumers))
	for i, program := range consumers {
		program.Rights, program.Credentials = list(program.Rights), list(program.Credentials)
		shown[i] = program
	}
	return shown
}

// consumersPage is the screen of the programs that use credentials. Whoever may
// not see the credentials sees their ids.
func (d *door) consumersPage(w http.ResponseWriter, r *http.Request, service api.Service) error {
	start := d.blank(r, service)
	consumers, err := service.Consumers(r.Context())
	if err != nil {
		return d.failedPage(w, r, err)
	}
	start.Consumers = shownConsumers(consumers)
	if start.Caller.Rights.Has(paycor.RightView) {
		if start.Names, err = namesOf(r.Context(), service); err != nil {
			return d.failedPage(w, r, err)
		}
	}
	if err := titles(r, service, &start); err != nil {
		return d.failedPage(w, r, err)
	}
	return d.writeShell(w, http.StatusOK, localeOf(r).Text("consumers"), start)
}

// namesOf names all credentials there are: a token can be for any of them.
func namesOf(ctx context.Context, service api.Service) ([]api.CredentialName, error) {
	var names []api.CredentialName
	times := map[string]int{} // how often there is a name
	query := paycor.Query{Limit: maxLimit}
	for {
		page, err := service.Credentials(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, credential := range page.Credentials {
			times[paycor.AlikeName(credential.Name)]++
			names = append(names, api.CredentialName{
				ID: credential.ID, Name: credential.Name, Environment: credential.Environment, LegalEntityID: credential.LegalEntityID,
			})
		}
		if query.Cursor = page.Next; query.Cursor == "" {
			break
		}
	}
	for i, one := range names {
		if times[paycor.AlikeName(one.Name)] == 1 {
			names[i].Environment, names[i].LegalEntityID = "", 0
		}
	}
	return names, nil
}
