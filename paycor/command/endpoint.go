package command

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"paycorcred/paycor/egress"
	"paycorcred/web"
)

// endpointName is the file in the data directory in which a server saves where it listens,
// for "health". People may open the server at another address.
const endpointName = "paycorcred.listen"

// endpoint is where a server on this machine listens.
type endpoint struct {
	scheme string // http or https
	host   string // with port; empty for a Unix socket
	socket string // path
}

// parseEndpoint reads what String returns. "unix:PATH" is a socket without TLS.
func parseEndpoint(text string) (endpoint, error) {
	if path, is := web.SocketPath(text); is && path != "" {
		return endpoint{scheme: "http", socket: path}, nil
	}
	scheme, rest, _ := strings.Cut(text, "+unix:")
	if rest != "" && (scheme == "http" || scheme == "https") {
		return endpoint{scheme: scheme, socket: rest}, nil
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return endpoint{}, fmt.Errorf("%q is not the address of a server", text)
	}
	return endpoint{scheme: parsed.Scheme, host: parsed.Host}, nil
}

// endpointOf returns where a listener can be reached from this machine.
func endpointOf(listener net.Listener, secure bool) endpoint {
	at := endpoint{scheme: "http"}
	if secure {
		at.scheme = "https"
	}
	address := listener.Addr().String()
	if listener.Addr().Network() == "unix" {
		at.socket = address
		return at
	}
	host, port, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	at.host = net.JoinHostPort(host, port)
	return at
}

func (e endpoint) String() string {
	if e.socket != "" {
		return e.scheme + "+unix:" + e.socket
	}
	return e.scheme + "://" + e.host
}

// client returns a client for this server. It uses no proxy, and does not verify the
// certificate, which is for the name at which people open the server: what is sent is no
// secret, and what is received is one of two words.
func (e endpoint) client() *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DialContext: dialLocal} //nolint:gosec // see above
	if e.socket != "" {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", e.socket)
		}
	}
	return &http.Client{Transport: transport, CheckRedirect: egress.NoRedirects}
}

// dialLocal connects to an address. It knows the addresses of localhost: a container or a
// chroot without /etc/hosts would ask the network for them.
func dialLocal(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, _ := net.SplitHostPort(address)
	if host != "localhost" {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		var other error
		if conn, other = new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("::1", port)); other == nil {
			return conn, nil
		}
	}
	return conn, err
}

// get returns the status of the response to a GET request.
func (e endpoint) get(ctx context.Context, client *http.Client, path string) (status int, err error) {
	host := e.host
	if host == "" {
		host = "localhost"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.scheme+"://"+host+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 4<<10)) // so that the connection is used again
	return response.StatusCode, errors.Join(err, response.Body.Close())
}

// savedEndpoint returns where a server with this data listens, or listened last.
func (d data) savedEndpoint() (endpoint, error) {
	text, err := os.ReadFile(filepath.Join(d.Data, endpointName))
	if err != nil {
		return endpoint{}, err
	}
	return parseEndpoint(strings.TrimSpace(string(text)))
}
