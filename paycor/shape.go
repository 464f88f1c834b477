package paycor

import (
	"slices"
	"strings"
	"unicode/utf8"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// The shapes in which Paycor's values were observed. A value of another shape gets a
// warning, never an error.
const (
	clientIDLength        = 20
	subscriptionKeyLength = 32
	clientSecretShortest  = 41
	clientSecretLongest   = 42
	hexDigits             = "0123456789abcdefABCDEF"
)

func isHex(value string, length int) bool {
	return len(value) == length && strings.Trim(value, hexDigits) == ""
}

func looksLikeClientID(value string) bool        { return isHex(value, clientIDLength) }
func looksLikeSubscriptionKey(value string) bool { return isHex(value, subscriptionKeyLength) }

func looksLikeClientSecret(value string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+="
	return len(value) >= clientSecretShortest && len(value) <= clientSecretLongest && strings.Trim(value, alphabet) == ""
}

func looksLikeLegalEntityID(value string) bool {
	_, err := TypedID(value).LegalEntityID()
	return err == nil
}

// shapes warns about values that look like another field's and values of an unusual
// shape. It skips fields that already have a problem.
func (c *checker) shapes() {
	c.shape(fields.ClientID, "problem.shape-hex", clientIDLength)
	c.shape(fields.ClientSecret, "problem.shape-letters", clientSecretShortest, clientSecretLongest)
	c.shape(fields.SubscriptionKey, "problem.shape-hex", subscriptionKeyLength)
	c.shape(fields.Scope, "problem.shape-hex", subscriptionKeyLength)
}

// shape warns about a value of unusual length or characters. key is the sentence that
// names the usual length.
func (c *checker) shape(field fields.Field, key string, lengths ...any) {
	value := c.draft.Value(field)
	if value == "" || hasUsualShape(field, value) || c.hasProblem(field) {
		return
	}
	if other := fieldOfShape(value); other != "" && field != fields.Scope {
		c.warn(field, fields.ProblemLooksLike, message.New("problem.looks-like", field.Label(), other.Label()))
		return
	}
	args := append([]any{field.Label()}, lengths...)
	if length := utf8.RuneCountInString(value); !slices.Contains(lengths, any(length)) {
		key, args = key+"-length", append(args, length)
	}
	c.warn(field, fields.ProblemUnusualShape, message.New(key, args...))
}

// hasUsualShape reports whether the value has the shape of its field.
func hasUsualShape(field fields.Field, value string) bool {
	switch field {
	case fields.ClientID:
		return looksLikeClientID(value)
	case fields.ClientSecret:
		return looksLikeClientSecret(value)
	case fields.SubscriptionKey, fields.Scope:
		return looksLikeSubscriptionKey(value)
	case fields.LegalEntityID:
		return looksLikeLegalEntityID(value)
	}
	return true
}

func (c *checker) warn(field fields.Field, code fields.ProblemCode, sentence message.Message) {
	c.report.Warnings = append(c.report.Warnings, fields.Problem{Field: field, Code: code, Message: sentence})
}

// fieldOfShape returns the field whose values have this shape, or "".
func fieldOfShape(value string) fields.Field {
	switch {
	case looksLikeLegalEntityID(value):
		return fields.LegalEntityID
	case looksLikeClientID(value):
		return fields.ClientID
	case looksLikeSubscriptionKey(value):
		return fields.SubscriptionKey
	case looksLikeClientSecret(value):
		return fields.ClientSecret
	}
	return ""
}

// Unswapped returns the draft with each value that has another field's shape in that
// field. It is false if there is none, or if the fields it would take do not become free.
func (d Draft) Unswapped() (Draft, bool) {
	belongs := map[fields.Field]fields.Field{}
	for _, field := range []fields.Field{fields.ClientID, fields.ClientSecret, fields.SubscriptionKey, fields.LegalEntityID} {
		value := d.Value(field)
		if other := fieldOfShape(value); other != "" && !hasUsualShape(field, value) {
			belongs[field] = other
		}
	}
	unswapped, taken := d, map[fields.Field]bool{}
	for field, other := range belongs {
		if _, free := belongs[other]; !free || taken[other] {
			return d, false
		}
		taken[other] = true
		fieldTable[formIndex(other)].set(&unswapped, d.Value(field))
	}
	return unswapped, len(belongs) > 0
}
