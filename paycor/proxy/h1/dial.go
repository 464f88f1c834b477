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
	"strings"

	"golang.org/x/net/proxy"
)

// connect opens a connection, through the proxy if there is one. raw is
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

// tunnel asks the proxy for a tunnel. raw is the socket to that proxy,
// below TLS.
func (p *Pool) tunnel(ctx context.Context) (conn, raw net.Conn, err error) {
	through := p.config.Proxy
	port := through.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[through.Scheme]
	}
	raw, err = p.config.Dial(ctx, "tcp", net.JoinHostPort(through.Hostname(), port))
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	conn = raw
	if through.Scheme == "https" {
		config := &tls.Config{ServerName: through.Hostname(), MinVersion: tls.VersionTLS12}
		if p.config.TLS != nil {
			config.RootCAs = p.config.TLS.RootCAs
		}
		conn = tls.Client(raw, config)
	}
	request := requestTunnel
	if strings.HasPrefix(through.Scheme, "socks5") {
		request = requestSOCKS
	}
	if err := request(conn, p.config.Address, through.User); err != nil {
		_ = raw.Close()
		return nil, nil, err
	}
	return conn, raw, nil
}

// requestSOCKS asks a SOCKS5 proxy for a tunnel, by the name of the server: the proxy
// resolves it.
func requestSOCKS(conn net.Conn, address string, user *url.Userinfo) error {
	var auth *proxy.Auth
	if user != nil {
		password, _ := user.Password()
		auth = &proxy.Auth{User: user.Username(), Password: password}
	}
	dialer, err := proxy.SOCKS5("tcp", conn.RemoteAddr().String(), auth, established{conn})
	if err != nil {
		return err
	}
	_, err = dialer.Dial("tcp", address)
	return err
}

// established is a proxy.Dialer whose connection exists already.
type established struct{ net.Conn }

// Dial implements proxy.Dialer.
func (e established) Dial(_, _ string) (net.Conn, error) { return e.Conn, nil }

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
