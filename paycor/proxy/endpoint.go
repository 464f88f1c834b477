package proxy

import (
	"cmp"
	"crypto/tls"
	"net"
	"net/url"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/proxy/h1"
)

// endpoint is the address of one environment's API.
type endpoint struct {
	name     string
	host     string // as in the Host header
	basePath string // prefix of every path, without a trailing slash
	url      *url.URL
	conns    h1.Config // for connections to it
}

// endpointOf returns the endpoint of an environment. p.mu is held.
func (p *Proxy) endpointOf(environment paycor.Environment) (*endpoint, error) {
	key := environment.Name + "=" + environment.APIURL
	if e := p.endpoints[key]; e != nil {
		return e, nil
	}
	base, err := url.Parse(environment.APIURL)
	if err != nil || base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" ||
		base.Scheme != "https" && !(base.Scheme == "http" && paycor.Loopback(base.Hostname())) {
		return nil, errEnvironmentUnusable()
	}
	e := &endpoint{name: environment.Name, host: base.Host, basePath: strings.TrimRight(base.EscapedPath(), "/"), url: base}
	e.conns = h1.Config{
		Address: net.JoinHostPort(base.Hostname(), cmp.Or(base.Port(), map[string]string{"http": "80", "https": "443"}[base.Scheme])),
		Dial:    p.config.Dial, Buffers: p.buffers, Idle: p.idle,
		ConnectTimeout: connectTimeout, ResponseTimeout: p.config.ResponseTimeout, StallTimeout: p.config.StallTimeout,
	}
	if base.Scheme == "https" {
		e.conns.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		if p.config.TLS != nil {
			e.conns.TLS = p.config.TLS.Clone()
		}
		e.conns.TLS.ServerName, e.conns.TLS.NextProtos = base.Hostname(), []string{"http/1.1"}
	}
	if p.config.ProxyFor != nil {
		e.conns.Proxy = p.config.ProxyFor(base)
	}
	p.endpoints[key] = e
	return e, nil
}
