//go:build js && wasm

package dom

import "strconv"

// attributeValue returns the value unchanged: in the browser it is set on the
// document and never parsed as markup.
func attributeValue(value string) string { return value }

// booleanValue returns the value of a property that a person can change, such as
// checked. It is always set, because removing the attribute would leave the
// property as it is.
func booleanValue(on bool) (value string, set bool) { return strconv.FormatBool(on), true }

// InitialValue returns nothing: in the browser, inputs are filled through
// Document, so that rendering does not overwrite what was typed.
func InitialValue(string) any { return nil }

// InitialText returns nothing, for the same reason.
func InitialText(string) any { return nil }
