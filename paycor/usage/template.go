package usage

import "strings"

// Bounds of a path's template.
const (
	longestWord  = 40 // letters; what is longer is no name of Paycor's
	mostSegments = 12
)

// PathTemplate returns what a path of Paycor's API asks for, without saying of
// whom: each segment that is a plain word, or a version such as v1, stays, and
// every other one becomes {…}. The query is left out.
func PathTemplate(target string) string {
	path, _, _ := strings.Cut(target, "?")
	path, _, _ = strings.Cut(path, "#")
	path, rooted := strings.CutPrefix(path, "/")
	if !rooted {
		return ""
	}
	var template strings.Builder
	n := 0
	for segment := range strings.SplitSeq(path, "/") {
		template.WriteByte('/')
		switch n++; {
		case n > mostSegments:
			template.WriteString("…")
			return template.String()
		case segment == "" || isWord(segment) || isVersion(segment):
			template.WriteString(segment)
		default:
			template.WriteString("{…}")
		}
	}
	return template.String()
}

func isWord(segment string) bool {
	for i := range len(segment) {
		if c := segment[i] | ' '; c < 'a' || c > 'z' {
			return false
		}
	}
	return len(segment) <= longestWord
}

// isVersion reports whether a segment is a v with one or two digits.
func isVersion(segment string) bool {
	digits, is := strings.CutPrefix(strings.ToLower(segment), "v")
	return is && (len(digits) == 1 || len(digits) == 2) && strings.Trim(digits, "0123456789") == ""
}
