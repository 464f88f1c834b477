package hosttoken

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"paycorcred/paycor/egress"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/message"
)

// How keys behind a URL are fetched and cached.
const (
	refreshAfter = 10 * time.Minute // until they are fetched again
	expireAfter  = time.Hour        // until they are no longer used if they cannot be fetched again
	cooldown     = 30 * time.Second // between two fetches, even if tokens name unknown keys
	fetchTimeout = 5 * time.Second
	maxJWKS      = 64 << 10
	maxCached    = 1000
)

// errNoKeys means that a site has no keys, and so signs no tokens.
var errNoKeys = errors.New("the site has no keys")

// keySource fetches and caches the keys that sites publish at a URL.
type keySource struct {
	client *http.Client
	clock  func() time.Time

	mu      sync.Mutex
	entries map[string]*cachedKeys
}

type cachedKeys struct {
	mu        sync.Mutex // held while fetching, so that concurrent callers share one fetch
	keys      KeySet
	fetchedAt time.Time // zero until the first success
	triedAt   time.Time
	err       error // of the last fetch
}

// keys returns the keys of a site. refresh fetches them again, because a token
// names a key that is not cached, unless the last fetch was within the
// cooldown.
func (s *keySource) keys(ctx context.Context, host embed.Host, refresh bool) (KeySet, error) {
	if host.KeysURL == "" && len(host.Keys) == 0 {
		return KeySet{}, errNoKeys
	}
	if host.KeysURL == "" {
		return ParseKeys(host.Keys)
	}
	e := s.entry(host.KeysURL)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := s.clock()
	if (refresh || now.Sub(e.fetchedAt) >= refreshAfter) && (e.triedAt.IsZero() || now.Sub(e.triedAt) >= cooldown || now.Before(e.triedAt)) {
		// Other callers wait for the same answer, so this one cannot cancel it.
		keys, err := s.fetch(context.WithoutCancel(ctx), host.KeysURL)
		e.triedAt, e.err = now, err
		if err == nil {
			e.keys, e.fetchedAt = keys, now
		}
	}
	if e.fetchedAt.IsZero() || now.Sub(e.fetchedAt) >= expireAfter {
		return KeySet{}, e.err
	}
	return e.keys, nil
}

func (s *keySource) entry(address string) *cachedKeys {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[address]; e != nil {
		return e
	}
	if s.entries == nil || len(s.entries) >= maxCached {
		s.entries = map[string]*cachedKeys{} // sites still in use are fetched again
	}
	e := &cachedKeys{}
	s.entries[address] = e
	return e
}

// fetch fetches a JWKS. Its errors do not quote the response.
func (s *keySource) fetch(ctx context.Context, address string) (KeySet, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return KeySet{}, message.Errorf("jwks.address")
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := s.client.Do(request)
	if err != nil {
		if errors.Is(err, egress.ErrForbidden) {
			return KeySet{}, message.Errorf("jwks.forbidden")
		}
		return KeySet{}, message.Errorf("jwks.no-answer")
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return KeySet{}, message.Errorf("jwks.status", response.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxJWKS+1))
	if err != nil {
		return KeySet{}, message.Errorf("jwks.truncated")
	}
	if len(text) > maxJWKS {
		return KeySet{}, message.Errorf("jwks.too-large", maxJWKS)
	}
	return ParseKeys(text)
}
