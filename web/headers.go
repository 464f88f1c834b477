package web

import "net/http"

// noAncestors forbids every site to frame a page.
const noAncestors = "'none'"

// contentSecurityPolicy returns the policy of every response.
// frameAncestors is 'none' or the origins of an embedding site.
func contentSecurityPolicy(frameAncestors string) string {
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; " +
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
