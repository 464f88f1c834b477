package proxy

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"runtime/debug"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/usage"
)

// CredentialSource decides who may call Paycor through which credential, and
// gives the proxy what the call needs. It audits denials before it returns them.
type CredentialSource interface {
	// UpstreamCredentials returns what a call with a method needs. The error is
	// a *paycor.Error that the caller may read.
	UpstreamCredentials(ctx context.Context, caller paycor.Caller, credential, method string) (*paycor.UpstreamCredentials, error)

	// RejectToken reports that Paycor responded to a token with an empty 401.
	// It returns whether asking for credentials again may yield another token.
	RejectToken(ctx context.Context, caller paycor.Caller, credential string, token paycor.Secret) (bool, error)
}

// Config configures a Proxy.
type Config struct {
	CredentialSource CredentialSource // required

	// OnCall is called once for each call, when it has ended. It must not block.
	OnCall func(usage.Call)

	// Breakers holds the circuit breakers of the upstreams; nil means a new
	// registry.
	Breakers *breaker.Registry

	// Servers returns how many servers make calls, this one included. Each makes an equal
	// part of the calls that the limit allows. It must not block. nil means this one only.
	Servers func() int

	CallsPerMinute        int // with one subscription key, by all servers; 0 means 1000, Paycor's limit
	MaxCalls              int // that are sent at once; 0 means 512
	MaxCallsPerCredential int // that are sent at once; 0 means 64
	MaxPending            int // that are sent or wait; 0 means as many as fit into memory

	MaxIdleConns   int           // to all upstreams; 0 means 1024
	maxCredentials int           // remembered; 0 means maxCredentials
	lingerTimeout  time.Duration // 0 means lingerTimeout

	TLS      *tls.Config
	Dial     func(ctx context.Context, network, address string) (net.Conn, error) // nil means the network
	ProxyFor func(*url.URL) *url.URL                                              // the HTTP or SOCKS5 proxy to reach a URL through; nil means none

	MaxWait         time.Duration // for a slot, the rate limiter or Paycor's Retry-After, unless the caller asks otherwise; 0 means 10 s
	ResponseTimeout time.Duration // until a response's headers; 0 means 60 s, because some of Paycor's take 30
	StallTimeout    time.Duration // without progress of a body, in either direction; 0 means 30 s
	RetryBackoff    time.Duration // before a GET is sent again; 0 means 200 ms, negative none
}

const connectTimeout = 10 * time.Second

// withDefaults returns the configuration with its zero values replaced.
func (c Config) withDefaults() Config {
	c.CallsPerMinute = cmp.Or(c.CallsPerMinute, 1000)
	c.MaxCalls = cmp.Or(c.MaxCalls, 512)
	c.MaxCallsPerCredential = cmp.Or(c.MaxCallsPerCredential, 64)
	c.MaxPending = cmp.Or(c.MaxPending, pendingInMemory(debug.SetMemoryLimit(-1)))
	c.maxCredentials = cmp.Or(c.maxCredentials, maxCredentials)
	c.lingerTimeout = cmp.Or(c.lingerTimeout, lingerTimeout)
	c.MaxWait = cmp.Or(c.MaxWait, 10*time.Second)
	c.ResponseTimeout = cmp.Or(c.ResponseTimeout, 60*time.Second)
	c.StallTimeout = cmp.Or(c.StallTimeout, 30*time.Second)
	c.RetryBackoff = cmp.Or(c.RetryBackoff, 200*time.Millisecond)
	if c.Dial == nil {
		c.Dial = (&net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}).DialContext
	}
	if c.Breakers == nil {
		c.Breakers = breaker.NewRegistry(breaker.Config{})
	}
	if c.OnCall == nil {
		c.OnCall = func(usage.Call) {}
	}
	return c
}

// What calls that wait may take of the memory. A call takes 30 KB with its connection, its
// goroutine and its headers, which may have 16 KB; its body is not read before it is sent.
const (
	pendingBytes           = 48 << 10
	pendingShare           = 4 // the divisor of the memory limit
	minPending, maxPending = 2048, 16384
)

// pendingInMemory returns how many calls may wait with a memory limit in bytes.
func pendingInMemory(limit int64) int {
	return int(min(max(limit/pendingShare/pendingBytes, minPending), maxPending))
}

// pendingLimit returns how many calls of a principal may wait or be under way. The limits
// leave room for other workspaces and other consumers.
func (c Config) pendingLimit(principal quota.Principal) int {
	if principal.Kind == quota.KindWorkspace {
		return max(1, c.MaxPending*3/4)
	}
	return max(1, c.MaxPending/2)
}

// callLimit returns how many calls at once a principal may have. The limits
// leave slots for others: for another workspace, and for another consumer of the
// same credential.
func (c Config) callLimit(principal quota.Principal) int {
	switch principal.Kind {
	case quota.KindWorkspace:
		return max(1, c.MaxCalls*3/4)
	case quota.KindCredential:
		return c.MaxCallsPerCredential
	case quota.KindCallerAndCredential:
		return max(1, c.MaxCallsPerCredential*3/4)
	}
	return max(1, c.MaxCalls/2)
}
