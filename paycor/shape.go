package paycor

import "strings"

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
	c.shape(FieldClientID, looksLikeClientID, "20 hexadecimal digits")
	c.shape(FieldClientSecret, looksLikeClientSecret, "41 or 42 letters and digits")
	c.shape(FieldSubscriptionKey, looksLikeSubscriptionKey, "32 hexadecimal digits")
	c.shape(FieldScope, looksLikeSubscriptionKey, "32 hexadecimal digits")
}

func (c *checker) shape(field Field, usual func(string) bool, described string) {
	value := c.draft.Value(field)
	if value == "" || usual(value) || c.blamed(field) {
		return
	}
	if other := ownerOf(value); other != "" && field != FieldScope {
		c.warn(field, ProblemLooksLike, field.Label()+" looks like a "+other.Label()+". Check that each value stands in its own field.")
		return
	}
	c.warn(field, ProblemUnusualShape, field.Label()+" usually has "+described+"; this one differs. Check that all of it was copied.")
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
