package usage

import "strings"

// Bounds of a path's template.
const (
	longestWord  = 40 // letters; longer segments are values
	mostSegments = 12
)

// PathTemplate returns a path of Paycor's API without its values: segments that are
// plain words or versions such as v1 stay, others become {…}. It removes the query.
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
