package web

import (
	"net/http"
	"regexp"
	"strings"

	"paycorcred/paycor"
)

// entityTags matches a comma-separated list of strong and weak entity tags.
var entityTags = regexp.MustCompile(`^(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*$`)

// ifMatch returns the ETags of If-Match, or "" if any version may be changed.
func ifMatch(r *http.Request) (string, error) {
	const maxLength = 1000
	headers := r.Header.Values("If-Match")
	if len(headers) == 0 {
		return "", nil
	}
	tags := strings.TrimSpace(strings.Join(headers, ", "))
	if tags == "*" {
		return "", nil
	}
	if len(tags) > maxLength || !entityTags.MatchString(tags) {
		return "", paycor.Errorf(paycor.KindMalformed, "error.if-match")
	}
	return tags, nil
}

// notModified reports whether If-None-Match names this version.
func notModified(r *http.Request, etag string) bool {
	for _, header := range r.Header.Values("If-None-Match") {
		for tag := range strings.SplitSeq(header, ",") {
			tag = strings.TrimSpace(tag)
			if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
				return true
			}
		}
	}
	return false
}

// idempotencyKey returns the Idempotency-Key, or "" without one.
func idempotencyKey(r *http.Request) (string, error) {
	headers := r.Header.Values("Idempotency-Key")
	if len(headers) == 0 {
		return "", nil
	}
	key := headers[0]
	invalid := func(c rune) bool { return c <= ' ' || c > '~' }
	if len(headers) > 1 || key == "" || len(key) > 255 || strings.ContainsFunc(key, invalid) {
		return "", paycor.Errorf(paycor.KindMalformed, "error.idempotency-key")
	}
	return key, nil
}
