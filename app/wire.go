package app

import (
	"encoding/json"
	"errors"
	"io"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
	"strings"
)

// requestBody is what create, change and verify send. Secrets stand in it revealed,
// because paycor.Secret never prints itself; it is encoded at once and the
// bytes are wiped when they are sent.
type requestBody struct {
	ID              string          `json:"id,omitempty"`
	SkipDataAccess  bool            `json:"skip_data_access,omitempty"`
	AcceptWarnings  bool            `json:"accept_warnings,omitempty"`
	Anyway          bool            `json:"anyway,omitempty"`
	Name            *string         `json:"name,omitempty"`
	Description     *string         `json:"description,omitempty"`
	Environment     *string         `json:"environment,omitempty"`
	Grant           *paycor.Grant   `json:"grant,omitempty"`
	ClientID        *string         `json:"client_id,omitempty"`
	ClientSecret    *string         `json:"client_secret,omitempty"`
	SubscriptionKey *string         `json:"subscription_key,omitempty"`
	LegalEntityID   *paycor.TypedID `json:"legal_entity_id,omitempty"`
	Scope           *string         `json:"scope,omitempty"`
	RotateBy        *paycor.Day     `json:"rotate_by,omitempty"`
}

// draftBody is a draft without its empty fields.
func draftBody(draft paycor.Draft, id string, acceptWarnings bool) requestBody {
	return requestBody{
		ID: id, AcceptWarnings: acceptWarnings,
		Name: given(draft.Name), Description: given(draft.Description), Environment: given(draft.Environment),
		Grant: given(draft.Grant), ClientID: given(draft.ClientID),
		ClientSecret: given(draft.ClientSecret.Reveal()), SubscriptionKey: given(draft.SubscriptionKey.Reveal()),
		LegalEntityID: given(draft.LegalEntityID), Scope: given(draft.Scope), RotateBy: given(draft.RotateBy),
	}
}

// patchBody is a patch: an empty field in it is meant.
func patchBody(patch paycor.Patch, acceptWarnings bool) requestBody {
	return requestBody{
		AcceptWarnings: acceptWarnings,
		Name:           patch.Name, Description: patch.Description, Environment: patch.Environment,
		Grant: patch.Grant, ClientID: patch.ClientID,
		ClientSecret: revealed(patch.ClientSecret), SubscriptionKey: revealed(patch.SubscriptionKey),
		LegalEntityID: patch.LegalEntityID, Scope: patch.Scope, RotateBy: patch.RotateBy,
	}
}

func given[T ~string](value T) *T {
	if value == "" {
		return nil
	}
	return &value
}

func revealed(secret *paycor.Secret) *string {
	if secret == nil {
		return nil
	}
	value := secret.Reveal()
	return &value
}

// encode writes a body as JSON. Texts and a number cannot fail to encode.
func encode(b requestBody) []byte {
	encoded, err := json.Marshal(b)
	if err != nil {
		panic("a body that cannot be encoded")
	}
	return encoded
}

const statusUnauthorized = 401 // as net/http has it, which would make the program larger

// problemDetails is the server's problem+json.
type problemDetails struct {
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Detail    string            `json:"detail"`
	Code      paycor.Kind       `json:"code"`
	Errors    []fields.Problem  `json:"errors"`
	Verdict   *verdicts.Verdict `json:"verdict"`
	RequestID string            `json:"request_id"`
}

// err returns the problem as the error that the server meant.
func (p problemDetails) err() error {
	e := &paycor.Error{Kind: p.Code, Message: p.Detail, Problems: p.Errors, Verdict: p.Verdict}
	if e.Message == "" {
		e.Message = p.Title
	}
	switch {
	case p.Status == statusUnauthorized:
		e.Kind, e.Message = paycor.KindUnauthorized, say("fail.session")
	case e.Message == "" || p.Status >= 500 && e.Kind != paycor.KindUnavailable:
		e.Message = say("fail.server")
	}
	if p.Status >= 500 && p.RequestID != "" {
		e.Message += " " + say("fail.request", p.RequestID)
	}
	return e
}

// failed reads an answer that is no success.
func failed(answer Answer) error {
	p := problemDetails{}
	if strings.Contains(answer.Type, "json") {
		_ = json.NewDecoder(io.LimitReader(answer.Body, mostAnswer)).Decode(&p) // what cannot be read stays empty
	}
	p.Status = answer.Status
	return p.err()
}

// unreadable tells an answer that ended early from one that is not ours.
func unreadable(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, ErrOffline) {
		return ErrOffline
	}
	return &paycor.Error{Message: say("fail.unreadable"), Err: err}
}
