package credentials

import (
	"strconv"
	"strings"

	"paycorcred/paycor"
)

// matchesETag reports whether an If-Match header allows a change. matches
// reports whether a single tag is current.
func matchesETag(ifMatch string, matches func(tag string) bool) bool {
	if ifMatch == "" {
		return true
	}
	for tag := range strings.SplitSeq(ifMatch, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || matches(tag) {
			return true
		}
	}
	return false
}

// versionTag returns a function that reports whether a tag is of the
// credential's version. It ignores the part about the verdict: a verification
// in the meantime must not invalidate an edit.
func versionTag(credential paycor.Credential) func(tag string) bool {
	version := `"` + strconv.FormatInt(credential.Version, 10)
	return func(tag string) bool {
		return tag == version+`"` || strings.HasPrefix(tag, version+"-") && strings.HasSuffix(tag, `"`)
	}
}
