package paycor

// Field is the JSON name of one field of a credential.
type Field string

// The fields of a credential, in the order of the form.
const (
	FieldName            Field = "name"
	FieldDescription     Field = "description"
	FieldEnvironment     Field = "environment"
	FieldClientID        Field = "client_id"
	FieldClientSecret    Field = "client_secret"
	FieldSubscriptionKey Field = "subscription_key"
	FieldLegalEntityID   Field = "legal_entity_id"
	FieldScope           Field = "scope"
	FieldGrant           Field = "grant"
	FieldRotateBy        Field = "rotate_by"
)

// What a credential holds besides its fields, and what an activation is
// finished with. No form has the tokens as fields that can be read back.
const (
	FieldAccessToken  Field = "access_token"
	FieldRefreshToken Field = "refresh_token"
	FieldCode         Field = "code"
	FieldCodeVerifier Field = "code_verifier"
	FieldRedirectURI  Field = "redirect_uri"
	FieldState        Field = "state"
)

// Label returns the field's name on the screen, letter for letter as Paycor's
// connection guide writes it.
func (f Field) Label() string {
	switch f {
	case FieldName:
		return "Credential Name"
	case FieldDescription:
		return "Credential Description"
	case FieldEnvironment:
		return "Environment"
	case FieldClientID:
		return "Client ID"
	case FieldClientSecret:
		return "Client Secret"
	case FieldSubscriptionKey:
		return "APIM Subscription Key"
	case FieldLegalEntityID:
		return "Legal Entity ID"
	case FieldScope:
		return "Scope ID"
	case FieldGrant:
		return "Grant"
	case FieldSharing:
		return "Who may use it"
	case FieldRotateBy:
		return "Rotate by"
	case FieldAccessToken:
		return "Access Token"
	case FieldRefreshToken:
		return "Refresh Token"
	case FieldCode:
		return "Authorization Code"
	case FieldCodeVerifier:
		return "Code Verifier"
	case FieldRedirectURI:
		return "Redirect URI"
	}
	return string(f)
}

// Secret reports whether the field's value is write-only: sent to the server
// once and never sent back.
func (f Field) Secret() bool {
	switch f {
	case FieldClientSecret, FieldSubscriptionKey, FieldAccessToken, FieldRefreshToken, FieldCode, FieldCodeVerifier, FieldState:
		return true
	case FieldClientSecretPrevious, FieldSubscriptionKeyPrevious, FieldClientSecretPending, FieldSubscriptionKeyPending:
		return true
	}
	return false
}

// Problem says what is wrong with one field, in words a person can act on. It
// never contains the field's value.
type Problem struct {
	Field   Field       `json:"field"`
	Code    ProblemCode `json:"code"`
	Message string      `json:"message"`
}

// ProblemCode names a kind of Problem. It is stable; the message is not.
type ProblemCode string

// What can be wrong with a field. The first group always blocks; the second
// are observations about shape, which are shown and may be overridden.
const (
	ProblemRequired     ProblemCode = "required"
	ProblemTooLong      ProblemCode = "too_long"
	ProblemNotText      ProblemCode = "not_text"
	ProblemWrongType    ProblemCode = "wrong_type"
	ProblemUnknownField ProblemCode = "unknown_field"
	ProblemDuplicate    ProblemCode = "duplicate_field"
	ProblemUnknownValue ProblemCode = "unknown_value"
	ProblemNotInteger   ProblemCode = "not_an_integer"
	ProblemOutOfRange   ProblemCode = "out_of_range"
	ProblemBlanks       ProblemCode = "blanks"
	ProblemInvisible    ProblemCode = "invisible_characters"
	ProblemBearer       ProblemCode = "bearer_prefix"
	ProblemHeaderName   ProblemCode = "header_name"
	ProblemQuotes       ProblemCode = "quotes"
	ProblemSameValue    ProblemCode = "same_value"
	ProblemLooksLike    ProblemCode = "looks_like_another_field"
	ProblemUnusualShape ProblemCode = "unusual_shape"
	ProblemNotDate      ProblemCode = "not_a_date"
	ProblemUnchanged    ProblemCode = "unchanged"
	ProblemSavedAlready ProblemCode = "saved_already" // a warning: another credential has the same values
	ProblemNameTaken    ProblemCode = "name_taken"    // a warning: another credential has this name
)

// Swap reports whether the problem is a warning that the value belongs into
// another field. Such a warning stops the first check of a credential before
// anything is sent to Paycor, unless it is overridden.
func (p Problem) Swap() bool { return p.Code == ProblemLooksLike }
