package credentials

import (
	"strconv"
	"strings"

	"paycorcred/paycor"
)

// versionTag returns a function that reports whether a tag is of the
// credential's version. It ignores the part about the verdict: a verification
// in the meantime must not invalidate an edit.
func versionTag(credential paycor.Credential) func(tag string) bool {
	version := `"` + strconv.FormatInt(credential.Version, 10)
	return func(tag string) bool {
		return tag == version+`"` || strings.HasPrefix(tag, version+"-") && strings.HasSuffix(tag, `"`)
	}
}
