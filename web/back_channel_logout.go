package web

import (
	"mime"
	"net/http"
	"sync"
	"time"

	"paycorcred/paycor"
)

// Limits on invalid logout tokens: each may cost a request to the provider.
// They apply per client address, so that invalid tokens of others do not delay
// the provider's own.
const (
	maxInvalidLogouts  = 30
	maxLogoutAddresses = 1000
	logoutWindow       = time.Minute
	maxLogoutBody      = 64 << 10 // bytes
)

// backChannelLogout ends sessions on behalf of the provider (OpenID Connect
// Back-Channel Logout). The signature of the token authenticates it.
func (h *signInHandlers) backChannelLogout(w http.ResponseWriter, r *http.Request) error {
	if h.provider == nil {
		return notFound(r)
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/x-www-form-urlencoded" {
		return paycor.Errorf(paycor.KindMediaType, "signin.logout-form")
	}
	info := infoOf(r)
	if !h.limiter.allow(info.clientIP, h.clock()) {
		return paycor.Errorf(paycor.KindBusy, "signin.logout-busy")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxLogoutBody)
	if err := r.ParseForm(); err != nil || len(r.PostForm["logout_token"]) != 1 {
		return paycor.Errorf(paycor.KindMalformed, "signin.logout-one")
	}
	ended, err := h.provider.VerifyLogoutToken(r.Context(), r.PostForm.Get("logout_token"))
	if err != nil {
		h.limiter.recordInvalid(info.clientIP)
		if err := h.errors.audit(r, string(kindSignIn)); err != nil {
			return err
		}
		return err
	}
	if _, err := h.sessions.EndProviderSessions(r.Context(), ended, info.clientIP, info.id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// logoutLimiter counts invalid logout tokens by client address in fixed windows.
// The zero limiter is ready to use.
type logoutLimiter struct {
	mu      sync.Mutex
	start   time.Time // of the window
	invalid map[string]int
}

// allow reports whether an address may send another token.
func (l *logoutLimiter) allow(address string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.start) >= logoutWindow || now.Before(l.start) {
		l.start, l.invalid = now, map[string]int{}
	}
	return l.invalid[l.key(address)] < maxInvalidLogouts
}

func (l *logoutLimiter) recordInvalid(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.invalid[l.key(address)]++
}

// key returns what an address counts as: beyond maxLogoutAddresses, all new
// addresses share one counter. l.mu is held.
func (l *logoutLimiter) key(address string) string {
	if _, known := l.invalid[address]; !known && len(l.invalid) >= maxLogoutAddresses {
		return ""
	}
	return address
}
