package proxy

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sync"

	"paycorcred/paycor/proxy/h1"
	"paycorcred/paycor/quota"
)

// Headers of responses to calls.
const (
	// ErrorHeader is on responses of this server and not on Paycor's. Its value
	// is the code of the error.
	ErrorHeader = "Paycorcred-Error"

	// NoteHeader explains a response of Paycor's whose status is ambiguous.
	NoteHeader = "Paycorcred-Note"
)

// Proxy forwards calls to Paycor. It is safe for concurrent use.
type Proxy struct {
	config    Config
	pending   *quota.Quota // of calls that wait or are under way
	admission *admission
	watches   watches
	buffers   *sync.Pool // for bodies, of *[h1.BufferSize]byte
	idle      *h1.Idle   // connections to all upstreams
	closed    chan struct{}
	close     func()
	seed      [32]byte // of key fingerprints

	rateLimits      *rateLimits
	rateLimitPolicy []string // the RateLimit-Policy header

	mu          sync.RWMutex
	credentials map[credentialKey]*credentialState
	endpoints   map[string]*endpoint // by name and URL
	upstreams   map[upstreamKey]*upstream
	limiters    map[fingerprint]*rateLimiter
	pools       map[poolKey]*h1.Pool
}

// New returns a proxy. Close ends it.
func New(config Config) (*Proxy, error) {
	if config.CredentialSource == nil {
		return nil, errors.New("proxy needs a CredentialSource")
	}
	config = config.withDefaults()
	p := &Proxy{
		config: config, pending: quota.New(config.MaxPending, config.pendingLimit), admission: newAdmission(quota.New(config.MaxCalls, config.callLimit)),
		buffers: h1.NewBuffers(), closed: make(chan struct{}),
		credentials: map[credentialKey]*credentialState{}, endpoints: map[string]*endpoint{},
		upstreams: map[upstreamKey]*upstream{}, limiters: map[fingerprint]*rateLimiter{}, rateLimits: newRateLimits(config.CallsPerMinute, config.Servers),
		pools: map[poolKey]*h1.Pool{}, idle: h1.NewIdle(config.MaxIdleConns),
		rateLimitPolicy: []string{fmt.Sprintf(`"paycor";q=%d;w=60`, config.CallsPerMinute)},
	}
	_, _ = rand.Read(p.seed[:]) // never fails
	p.close = sync.OnceFunc(func() { close(p.closed) })
	go p.watches.run(p.closed)
	return p, nil
}

// Close closes idle connections, and stops watching for callers that
// disconnect. Calls in flight continue.
func (p *Proxy) Close() {
	p.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pool := range p.pools {
		pool.Close()
	}
}
