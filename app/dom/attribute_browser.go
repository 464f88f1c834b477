//go:build js && wasm

package dom

import "strconv"

// attributeValue returns the value as it is, because it goes to the document and
// not through markup.
func attributeValue(value string) string { return value }

// booleanValue returns the value of a property that a person can change, such as
// checked. It is always set, because removing the attribute would leave the
// property as it is.
func booleanValue(on bool) (value string, set bool) { return strconv.FormatBool(on), true }

// InitialValue returns nothing: in the browser, inputs are filled through Document,
// so that no rendering overwrites what was typed.
func InitialValue(string) any { return nil }

// InitialText returns nothing, for the same reason.
func InitialText(string) any { return nil }
