package fields

import "paycorcred/paycor/message"

// Field is the JSON name of one field of a credential.
type Field string

// The fields of a credential, in the order of the form.
const (
	Name            Field = "name"
	Description     Field = "description"
	Environment     Field = "environment"
	ClientID        Field = "client_id"
	ClientSecret    Field = "client_secret"
	SubscriptionKey Field = "subscription_key"
	LegalEntityID   Field = "legal_entity_id"
	Scope           Field = "scope"
	Grant           Field = "grant"
	RotateBy        Field = "rotate_by"
	Tags            Field = "tags"
	Owner           Field = "owner"
)

// ApplicationID names a saved application, whose secrets a draft uses instead of its own.
const ApplicationID Field = "application_id"

// Values that a credential stores in addition to its fields, and those that
// finish an activation.
const (
	AccessToken  Field = "access_token"
	RefreshToken Field = "refresh_token"
	Code         Field = "code"
	CodeVerifier Field = "code_verifier"
	RedirectURI  Field = "redirect_uri"
	State        Field = "state"
)

// Label returns the field's name on the screen, exactly as in Paycor's connection guide.
func (f Field) Label() message.Message { return message.New("label." + string(f)) }

// Hint returns the sentence that tells where to find the field's value.
func (f Field) Hint() message.Message { return message.New("hint." + string(f)) }

// Secret reports whether the field is write-only: sent to the server once and never sent
// back.
func (f Field) Secret() bool {
	switch f {
	case ClientSecret, SubscriptionKey, AccessToken, RefreshToken, Code, CodeVerifier, State:
		return true
	case ClientSecretPrevious, SubscriptionKeyPrevious, ClientSecretPending, SubscriptionKeyPending:
		return true
	}
	return false
}

// Problem says what is wrong with one field and how to fix it. It never contains the
// field's value.
type Problem struct {
	Field   Field           `json:"field"`
	Code    ProblemCode     `json:"code"`
	Message message.Message `json:"message"`
}

// ProblemCode names a kind of Problem. It is stable; the message is not.
type ProblemCode string

// The kinds. The first group always blocks; the second are observations about shape,
// which are shown and can be overridden.
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

// Swap reports whether the problem is a warning that the value belongs in another field.
// Such a warning keeps the values from being sent to Paycor, unless it is overridden.
func (p Problem) Swap() bool { return p.Code == ProblemLooksLike }
