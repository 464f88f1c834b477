package paycor

import "strings"

// IfMatch reports whether the value of an If-Match header allows a change: it is
// empty, it is "*", or one of its entity tags is current.
func IfMatch(header string, current func(tag string) bool) bool {
	if header == "" {
		return true
	}
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || current(tag) {
			return true
		}
	}
	return false
}
