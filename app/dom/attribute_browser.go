//go:build js && wasm

package dom

import (
	"strconv"
)

// attributeValue returns the value as the document takes it: as it is.
func attributeValue(value string) string { return value }

// booleanValue returns the value of a property that a person can change, such as
// checked. It is always set, because taking the attribute away would leave the
// property as it is.
func booleanValue(on bool) (value string, set bool) { return strconv.FormatBool(on), true }

// InitialValue returns nothing: in the browser the fields are filled through
// Surface, so that no rendering can overwrite what was typed.
func InitialValue(string) any { return nil }

// InitialText returns nothing, for the same reason.
func InitialText(string) any { return nil }
