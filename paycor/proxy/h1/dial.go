package h1

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// connect opens a connection, through the HTTP proxy if there is one. raw is
// the socket below TLS.
func (p *Pool) connect(ctx context.Context) (conn, raw net.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, p.config.ConnectTimeout)
	defer cancel()
	if p.config.Proxy != nil {
		conn, raw, err = p.tunnel(ctx)
	} else {
		raw, err = p.config.Dial(ctx, "tcp", p.config.Address)
		conn = raw
	}
	if err != nil || p.config.TLS == nil {
		return conn, raw, err
	}
	secure := tls.Client(conn, p.config.TLS)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, nil, err
	}
	return secure, raw, nil
}

// tunnel asks the HTTP proxy for a tunnel. raw is the socket to that proxy,
// below TLS.
func (p *Pool) tunnel(ctx context.Context) (conn, raw net.Conn, err error) {
	proxy := p.config.Proxy
	port := proxy.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[proxy.Scheme]
	}
	raw, err = p.config.Dial(ctx, "tcp", net.JoinHostPort(proxy.Hostname(), port))
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	conn = raw
	if proxy.Scheme == "https" {
		conn = tls.Client(raw, &tls.Config{ServerName: proxy.Hostname(), MinVersion: tls.VersionTLS12})
	}
	if err := requestTunnel(conn, p.config.Address, proxy.User); err != nil {
		_ = raw.Close()
		return nil, nil, err
	}
	return conn, raw, nil
}

// requestTunnel sends CONNECT and reads the response. The small buffer limits
// how much it reads beyond that; nothing follows until the client sends
// something.
func requestTunnel(conn net.Conn, address string, user *url.Userinfo) error {
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{}}
	if user != nil {
		password, _ := user.Password()
		basic := &http.Request{Header: http.Header{}}
		basic.SetBasicAuth(user.Username(), password)
		request.Header["Proxy-Authorization"] = basic.Header["Authorization"]
	}
	if err := request.Write(conn); err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReaderSize(io.LimitReader(conn, maxHeaderSize), 16), request)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the HTTP proxy answered %d", response.StatusCode)
	}
	return err
}
