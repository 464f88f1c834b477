package client

import (
	"encoding/json"

	"paycorcred/paycor"
)

// requestBody is the body of create, update and verify. It holds secrets in the
// clear, because paycor.Secret never prints itself. It is encoded at once, and
// the encoded bytes are wiped after sending.
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

// draftBody returns a draft without its empty fields.
func draftBody(draft paycor.Draft, id string, acceptWarnings bool) requestBody {
	return requestBody{
		ID: id, AcceptWarnings: acceptWarnings,
		Name: optional(draft.Name), Description: optional(draft.Description), Environment: optional(draft.Environment),
		Grant: optional(draft.Grant), ClientID: optional(draft.ClientID),
		ClientSecret: optional(draft.ClientSecret.Reveal()), SubscriptionKey: optional(draft.SubscriptionKey.Reveal()),
		LegalEntityID: optional(draft.LegalEntityID), Scope: optional(draft.Scope), RotateBy: optional(draft.RotateBy),
	}
}

// patchBody returns a patch. An empty field in it clears the stored value.
func patchBody(patch paycor.Patch, acceptWarnings bool) requestBody {
	return requestBody{
		AcceptWarnings: acceptWarnings,
		Name:           patch.Name, Description: patch.Description, Environment: patch.Environment,
		Grant: patch.Grant, ClientID: patch.ClientID,
		ClientSecret: revealedSecret(patch.ClientSecret), SubscriptionKey: revealedSecret(patch.SubscriptionKey),
		LegalEntityID: patch.LegalEntityID, Scope: patch.Scope, RotateBy: patch.RotateBy,
	}
}

func optional[T ~string](value T) *T {
	if value == "" {
		return nil
	}
	return &value
}

func revealedSecret(secret *paycor.Secret) *string {
	if secret == nil {
		return nil
	}
	value := secret.Reveal()
	return &value
}

// encode returns a body as JSON. Strings and numbers always encode.
func encode(b requestBody) []byte {
	encoded, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	return encoded
}
