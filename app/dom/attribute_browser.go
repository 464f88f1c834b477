//go:build js && wasm

package dom

import (
	"strconv"
	"strings"
	"sync"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// base is the path that the server is below, without a slash at its end.
var base = sync.OnceValue(func() string {
	return String(goapp.Window().Get("document").Get("documentElement").Get("dataset").Get("base"))
})

// Local returns an address of the server as the browser needs it: below its base.
func Local(address string) string {
	if strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") {
		return base() + address
	}
	return address
}

func localAddress(name, value string) string {
	if name == "href" || name == "action" || name == "src" {
		return Local(value)
	}
	return value
}

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
