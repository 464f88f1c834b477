package paycor

import (
	"fmt"
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
	c.shape(FieldClientID, "20 characters, each 0–9 or a–f", clientIDLength, clientIDLength)
	c.shape(FieldClientSecret, "41 or 42 letters and digits", clientSecretShortest, clientSecretLongest)
	c.shape(FieldSubscriptionKey, "32 characters, each 0–9 or a–f", subscriptionKeyLength, subscriptionKeyLength)
	c.shape(FieldScope, "32 characters, each 0–9 or a–f", subscriptionKeyLength, subscriptionKeyLength)
}

func (c *checker) shape(field Field, described string, shortest, longest int) {
	value := c.draft.Value(field)
	if value == "" || usual(field, value) || c.blamed(field) {
		return
	}
	if other := ownerOf(value); other != "" && field != FieldScope {
		c.warn(field, ProblemLooksLike, looksLike(field, other)+" Check that each value is in its own field.")
		return
	}
	how := "differs"
	if length := utf8.RuneCountInString(value); length < shortest || length > longest {
		how = fmt.Sprintf("has %d", length)
	}
	c.warn(field, ProblemUnusualShape, field.Label()+" usually has "+described+"; this one "+how+". Check that all of it was copied, and nothing else.")
}

// looksLike is the sentence about a value that belongs into another field.
func looksLike(field, other Field) string {
	article := "a"
	if strings.ContainsRune("AEIOU", rune(other.Label()[0])) {
		article = "an"
	}
	return field.Label() + " looks like " + article + " " + other.Label() + "."
}

// usual reports whether the value has the shape of its field.
func usual(field Field, value string) bool {
	switch field {
	case FieldClientID:
		return looksLikeClientID(value)
	case FieldClientSecret:
		return looksLikeClientSecret(value)
	case FieldSubscriptionKey, FieldScope:
		return looksLikeSubscriptionKey(value)
	case FieldLegalEntityID:
		return looksLikeLegalEntityID(value)
	}
	return true
}

func (c *checker) warn(field Field, code ProblemCode, message string) {
	c.report.Warnings = append(c.report.Warnings, Problem{field, code, message})
}

// ownerOf returns the field that a value's shape belongs to, or "".
func ownerOf(value string) Field {
	switch {
	case looksLikeLegalEntityID(value):
		return FieldLegalEntityID
	case looksLikeClientID(value):
		return FieldClientID
	case looksLikeSubscriptionKey(value):
		return FieldSubscriptionKey
	case looksLikeClientSecret(value):
		return FieldClientSecret
	}
	return ""
}
