package paycor

import (
	"fmt"
	"paycorcred/paycor/fields"
	"strings"
	"unicode/utf8"
)

// The shapes that values of Paycor were seen in. They are observations, so a
// value of another shape is worth a warning and never more.
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

// shapes warns of values that look like another field's, and of values that
// look like none. A field with a problem is left alone.
func (c *checker) shapes() {
	c.shape(fields.ClientID, "20 characters, each 0–9 or a–f", clientIDLength, clientIDLength)
	c.shape(fields.ClientSecret, "41 or 42 letters and digits", clientSecretShortest, clientSecretLongest)
	c.shape(fields.SubscriptionKey, "32 characters, each 0–9 or a–f", subscriptionKeyLength, subscriptionKeyLength)
	c.shape(fields.Scope, "32 characters, each 0–9 or a–f", subscriptionKeyLength, subscriptionKeyLength)
}

func (c *checker) shape(field fields.Field, described string, shortest, longest int) {
	value := c.draft.Value(field)
	if value == "" || usual(field, value) || c.blamed(field) {
		return
	}
	if other := ownerOf(value); other != "" && field != fields.Scope {
		c.warn(field, fields.ProblemLooksLike, looksLike(field, other)+" Check that each value is in its own field.")
		return
	}
	how := "differs"
	if length := utf8.RuneCountInString(value); length < shortest || length > longest {
		how = fmt.Sprintf("has %d", length)
	}
	c.warn(field, fields.ProblemUnusualShape, field.Label()+" usually has "+described+"; this one "+how+". Check that all of it was copied, and nothing else.")
}

// looksLike is the sentence about a value that belongs into another field.
func looksLike(field, other fields.Field) string {
	article := "a"
	if strings.ContainsRune("AEIOU", rune(other.Label()[0])) {
		article = "an"
	}
	return field.Label() + " looks like " + article + " " + other.Label() + "."
}

// usual reports whether the value has the shape of its field.
func usual(field fields.Field, value string) bool {
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

func (c *checker) warn(field fields.Field, code fields.ProblemCode, message string) {
	c.report.Warnings = append(c.report.Warnings, fields.Problem{Field: field, Code: code, Message: message})
}

// ownerOf returns the field that a value's shape belongs to, or "".
func ownerOf(value string) fields.Field {
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
