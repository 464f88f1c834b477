package proxy

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"paycorcred/paycor"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ErrorHeader tells an answer of ours from one of Paycor's, and says why.
const ErrorHeader = "Paycorcred-Error"

// NoteHeader says what an answer of Paycor's means where its status does not.
const NoteHeader = "Paycorcred-Note"

const dialTimeout = 10 * time.Second

// CredentialSource decides who may call Paycor through which credential, and
// gives the proxy what the call needs. It audits denials before it returns them.
type CredentialSource interface {
	// UpstreamCredentials returns what a call with a method needs. The error is
	// a *paycor.Error that the caller may read.
	UpstreamCredentials(ctx context.Context, caller paycor.Caller, credential, method string) (*paycor.UpstreamCredentials, error)

	// RejectToken reports that Paycor answered a token with an empty 401. It
	// returns whether asking for credentials again may give another token.
	RejectToken(ctx context.Context, caller paycor.Caller, credential string, token paycor.Secret) (bool, error)
}

// Config is what a Proxy is made of.
type Config struct {
	CredentialSource CredentialSource // required
	OnCall           func(usage.Call) // told of each call once, when it has ended; must not block; nil tells nobody

	// Breakers holds the circuit breakers of the upstreams; nil means a registry
	// of the proxy's own.
	Breakers *breaker.Registry

	CallsPerMinute        int // calls of one subscription key; 0 means 1000, as Paycor allows
	MaxCalls              int // at once, those that wait included; 0 means 512
	MaxCallsPerCredential int // at once through one credential; 0 means 64
	TLS                   *tls.Config
	Dial                  func(ctx context.Context, network, address string) (net.Conn, error) // nil means the network
	HTTPProxy             func(*url.URL) (*url.URL, error)                                     // the network's proxy on the way to an address; nil means none
	MaxWait               time.Duration                                                        // how long a call waits for the limiter, or for Paycor's Retry-After, unless it says otherwise; 0 means 10 s
	ResponseTimeout       time.Duration                                                        // until the headers of an answer; 0 means 60 s, because some of Paycor's take 30
	StallTimeout          time.Duration                                                        // in which nothing of a body moves, on either side; 0 means 30 s
	RetryBackoff          time.Duration                                                        // before a GET is sent once more; 0 means 200 ms, negative none
}

// Proxy passes calls on to Paycor. It is safe for concurrent use.
type Proxy struct {
	config  Config
	places  chan *place  // those that are free
	shares  *quota.Quota // of the places
	closed  chan struct{}
	close   func()
	buffers sync.Pool

	mu     sync.RWMutex
	lanes  map[laneKey]*lane
	gates  map[string]*gate // by name and address
	ways   map[wayKey]*way
	limits map[fingerprint]*bucket
	seed   [32]byte // of the fingerprints
}

// laneKey names a credential within its workspace.
type laneKey struct{ workspace, credential string }

// lane is what is kept for one credential.
type lane struct {
	calls    atomic.Int32
	resolved atomic.Pointer[resolved]
	last     atomic.Int64 // when it was used; Unix seconds
}

// resolved is what a passage stands for.
type resolved struct {
	passage *paycor.UpstreamCredentials
	*way
}

// gate is one environment.
type gate struct {
	name     string
	host     string // as the Host header has it
	base     string // path that stands before every other; no slash at its end
	url      *url.URL
	newLines func() *lines
}

// New returns a proxy.
func New(config Config) (*Proxy, error) {
	if config.CredentialSource == nil {
		return nil, errors.New("proxy needs a CredentialSource")
	}
	config.CallsPerMinute = cmp.Or(config.CallsPerMinute, 1000)
	config.MaxCalls = cmp.Or(config.MaxCalls, 512)
	config.MaxCallsPerCredential = cmp.Or(config.MaxCallsPerCredential, 64)
	config.MaxWait = cmp.Or(config.MaxWait, 10*time.Second)
	config.ResponseTimeout = cmp.Or(config.ResponseTimeout, 60*time.Second)
	config.StallTimeout = cmp.Or(config.StallTimeout, 30*time.Second)
	config.RetryBackoff = cmp.Or(config.RetryBackoff, 200*time.Millisecond)
	if config.Dial == nil {
		config.Dial = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext
	}
	if config.Breakers == nil {
		config.Breakers = breaker.NewRegistry(breaker.Config{})
	}
	if config.OnCall == nil {
		config.OnCall = func(usage.Call) {}
	}
	p := &Proxy{
		config: config, places: make(chan *place, config.MaxCalls), closed: make(chan struct{}),
		buffers: sync.Pool{New: func() any { return new([bufferSize]byte) }},
		lanes:   map[laneKey]*lane{}, gates: map[string]*gate{}, ways: map[wayKey]*way{}, limits: map[fingerprint]*bucket{},
		shares: quota.New(config.MaxCalls, config.share),
	}
	_, _ = rand.Read(p.seed[:]) // never fails
	p.close = sync.OnceFunc(func() { close(p.closed) })
	all := make([]*place, config.MaxCalls)
	for i := range all {
		all[i] = &place{}
		p.places <- all[i]
	}
	go p.lookAfter(all)
	return p, nil
}

// Close closes idle connections, and ends the watch over callers that leave.
// Calls under way go on.
func (p *Proxy) Close() {
	p.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.ways {
		w.lines.close()
	}
}

// share returns how many of the places a party may have.
func (c Config) share(party quota.Principal) int {
	switch party.Kind {
	case quota.KindWorkspace: // the others find room
		return max(1, c.MaxCalls*3/4)
	case quota.KindCredential:
		return c.MaxCallsPerCredential
	case quota.KindCallerAndCredential: // so does another consumer of the same credential
		return max(1, c.MaxCallsPerCredential*3/4)
	}
	return max(1, c.MaxCalls/2)
}

// mostLanes is how many credentials are kept before those not used for an hour
// are forgotten.
const mostLanes = 4096

// laneOf returns the lane of a credential.
func (p *Proxy) laneOf(key laneKey, now time.Time) *lane {
	p.mu.RLock()
	l := p.lanes[key]
	p.mu.RUnlock()
	if l != nil {
		return l
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if l = p.lanes[key]; l == nil {
		if len(p.lanes) >= mostLanes {
			p.forget(now.Add(-time.Hour).Unix())
		}
		l = &lane{}
		l.last.Store(now.Unix())
		p.lanes[key] = l
	}
	return l
}

// forget forgets what was not used since. p.mu is held.
func (p *Proxy) forget(since int64) {
	used, kept := map[*way]bool{}, map[*bucket]bool{}
	for key, l := range p.lanes {
		r := l.resolved.Load()
		if l.calls.Load() == 0 && l.last.Load() < since {
			delete(p.lanes, key)
			p.config.Breakers.Unbind(key.workspace, key.credential)
		} else if r != nil {
			used[r.way] = true
		}
	}
	for key, w := range p.ways {
		if used[w] || w.calls.Load() > 0 {
			kept[w.limit] = true
			continue
		}
		w.lines.close()
		p.config.Breakers.Remove(w.breaker)
		delete(p.ways, key)
	}
	for key, b := range p.limits {
		if !kept[b] && b.held() == 0 {
			delete(p.limits, key)
		}
	}
}

// fingerprint stands for a subscription key where the key itself has no
// business. It says nothing to whoever does not know this process's seed.
type fingerprint [sha256.Size]byte

func (p *Proxy) fingerprint(key paycor.Secret) (sum fingerprint) {
	mac := hmac.New(sha256.New, p.seed[:])
	_, _ = mac.Write([]byte(key.Reveal()))
	mac.Sum(sum[:0])
	return sum
}

// resolve finds what a passage stands for: the same as before, mostly.
func (p *Proxy) resolve(key laneKey, l *lane, passage *paycor.UpstreamCredentials) (*resolved, error) {
	r := l.resolved.Load()
	if r != nil && r.passage == passage {
		return r, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	g, err := p.gateOf(passage.Environment)
	if err != nil {
		return nil, err
	}
	r = &resolved{passage, p.wayOf(g, p.fingerprint(passage.SubscriptionKey))}
	l.resolved.Store(r)
	p.config.Breakers.Bind(key.workspace, key.credential, r.breaker)
	return r, nil
}

// gateOf returns the gate of an environment. p.mu is held.
func (p *Proxy) gateOf(environment paycor.Environment) (*gate, error) {
	key := environment.Name + "=" + environment.APIURL
	if g := p.gates[key]; g != nil {
		return g, nil
	}
	base, err := url.Parse(environment.APIURL)
	if err != nil || base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" ||
		base.Scheme != "https" && !(base.Scheme == "http" && paycor.Loopback(base.Hostname())) {
		return nil, &paycor.Error{
			Kind: paycor.KindUpstream, Code: verdicts.CodeEnvironmentUnusable,
			Message: verdicts.CodeEnvironmentUnusable.Verdict().Message,
		}
	}
	g := &gate{name: environment.Name, host: base.Host, base: strings.TrimRight(base.EscapedPath(), "/"), url: base}
	pattern := lines{dial: p.config.Dial}
	port := base.Port()
	if base.Scheme == "https" {
		port = cmp.Or(port, "443")
		pattern.tls = &tls.Config{MinVersion: tls.VersionTLS12}
		if p.config.TLS != nil {
			pattern.tls = p.config.TLS.Clone()
		}
		pattern.tls.ServerName, pattern.tls.NextProtos = base.Hostname(), []string{"http/1.1"}
	}
	pattern.address = net.JoinHostPort(base.Hostname(), cmp.Or(port, "80"))
	if p.config.HTTPProxy != nil {
		if pattern.through, err = p.config.HTTPProxy(base); err != nil {
			return nil, &paycor.Error{Kind: paycor.KindUpstream, Code: usage.CodeCallUnsent, Message: "The proxy of this network is not written as an address.", Err: err}
		}
	}
	g.newLines = func() *lines {
		return &lines{address: pattern.address, tls: pattern.tls, through: pattern.through, dial: pattern.dial}
	}
	p.gates[key] = g
	return g, nil
}
