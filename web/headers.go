package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

// noAncestors forbids every site to frame a page.
const noAncestors = "'none'"

// contentSecurityPolicy returns the policy of every response.
// frameAncestors is 'none' or the origins of an embedding site. styles are style sheets
// within the page.
func contentSecurityPolicy(frameAncestors string, styles ...string) string {
	allowed := "'self'"
	for _, style := range styles {
		hash := sha256.Sum256([]byte(style))
		allowed += " 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"
	}
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src " + allowed + "; img-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; " +
		"frame-ancestors " + frameAncestors + "; require-trusted-types-for 'script'; trusted-types 'none'"
}

// securityHeaders are the headers of every response that is not Paycor's.
type securityHeaders struct{ secure bool }

// set sets the headers. Handlers whose response may be cached or framed
// overwrite them.
func (s securityHeaders) set(h http.Header) {
	h.Set("Content-Security-Policy", contentSecurityPolicy(noAncestors))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}
