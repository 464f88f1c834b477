package hosttoken

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/message"
	"sync"
	"syscall"
	"time"
)

// How keys behind an address are kept.
const (
	fresh      = 10 * time.Minute // until they are read again
	stale      = time.Hour        // until they are not used any more, where they cannot be read again
	coolDown   = 30 * time.Second // between two readings, whatever tokens ask for
	keysWait   = 5 * time.Second
	mostJWKS   = 64 << 10
	mostCached = 1000
)

// source reads and keeps the keys that hosts have behind an address.
type source struct {
	client *http.Client
	clock  func() time.Time

	mu      sync.Mutex
	entries map[string]*entry
}

type entry struct {
	mu    sync.Mutex // held while it is read, so that it is read once for all
	keys  Keys
	read  time.Time // when the keys were read; zero where they never were
	tried time.Time
	err   error // of the last try
}

// keys returns the keys of a host. again reads them anew, unless that was done
// a moment ago: a token names a key that is not among those that are known.
func (s *source) keys(ctx context.Context, host embed.Host, again bool) (Keys, error) {
	if host.KeysURL == "" {
		return ParseKeys(host.Keys)
	}
	e := s.entry(host.KeysURL)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := s.clock()
	if (again || now.Sub(e.read) >= fresh) && (e.tried.IsZero() || now.Sub(e.tried) >= coolDown || now.Before(e.tried)) {
		// Whoever asks may hang up; the answer is for all.
		keys, err := s.fetch(context.WithoutCancel(ctx), host.KeysURL)
		e.tried, e.err = now, err
		if err == nil {
			e.keys, e.read = keys, now
		}
	}
	if e.read.IsZero() || now.Sub(e.read) >= stale {
		return Keys{}, e.err
	}
	return e.keys, nil
}

func (s *source) entry(address string) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[address]; e != nil {
		return e
	}
	if s.entries == nil || len(s.entries) >= mostCached {
		s.entries = map[string]*entry{} // hosts come and go; those that are there are read again
	}
	e := &entry{}
	s.entries[address] = e
	return e
}

// fetch reads a JWKS. The errors say what happened and nothing of the answer.
func (s *source) fetch(ctx context.Context, address string) (Keys, error) {
	ctx, cancel := context.WithTimeout(ctx, keysWait)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Keys{}, message.Errorf("jwks.address")
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := s.client.Do(request)
	if err != nil {
		if errors.Is(err, errPlace) {
			return Keys{}, errPlace
		}
		return Keys{}, message.Errorf("jwks.no-answer")
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return Keys{}, message.Errorf("jwks.status", response.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, mostJWKS+1))
	if err != nil {
		return Keys{}, message.Errorf("jwks.truncated")
	}
	if len(text) > mostJWKS {
		return Keys{}, message.Errorf("jwks.too-large", mostJWKS)
	}
	return ParseKeys(text)
}

// errPlace is why an address is not asked.
var errPlace = message.Errorf("jwks.forbidden")

// guarded returns a client that reaches only where may says, looked at after
// the name was resolved, so that no name leads to another place. It takes no
// proxy, follows no redirect and speaks TLS only.
func guarded(may func(netip.Addr) bool) *http.Client {
	dialer := &net.Dialer{
		Timeout: keysWait,
		Control: func(_, address string, _ syscall.RawConn) error {
			place, err := netip.ParseAddrPort(address)
			if err != nil || !may(place.Addr().Unmap()) {
				return errPlace
			}
			return nil
		},
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: keysWait, ResponseHeaderTimeout: keysWait,
			MaxResponseHeaderBytes: 16 << 10, MaxIdleConns: 10, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       keysWait,
	}
}

// shared are ranges between machines of one operator or of none: no public
// server lives there.
var shared = []netip.Prefix{
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"),
}

// public reports whether an address is out in the internet.
func public(address netip.Addr) bool {
	for _, prefix := range shared {
		if prefix.Contains(address) {
			return false
		}
	}
	return address.IsGlobalUnicast() && !address.IsPrivate()
}
