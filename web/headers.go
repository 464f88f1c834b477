package web

import "net/http"

// noAncestors keeps every site from framing a page.
const noAncestors = "'none'"

// policy is the Content-Security-Policy of everything this server sends. Only
// who may frame the answer differs: frameAncestors is 'none' or the origins of
// one host.
func policy(frameAncestors string) string {
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; " +
		"frame-ancestors " + frameAncestors + "; require-trusted-types-for 'script'; trusted-types 'none'"
}

// commonHeaders sets what every answer has. Nothing is stored on the way
// unless a handler says otherwise.
func (d *door) commonHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy(noAncestors))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	if d.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}
