package web

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateSpan is how often the certificate's files are looked at.
const certificateSpan = 10 * time.Second

// Certificates is a TLS certificate in two files that somebody renews while the
// server runs. A renewed pair is taken up within certificateSpan of the next
// connection; one that cannot be read leaves the old one in use.
type Certificates struct {
	Logger *slog.Logger // nil logs nothing

	certificate, key string
	clock            func() time.Time

	mu      sync.Mutex
	current *tls.Certificate
	stamp   string // what the files looked like when they were read
	looked  time.Time
}

// OpenCertificates reads a certificate and its key.
func OpenCertificates(certificate, key string) (*Certificates, error) {
	c := &Certificates{certificate: certificate, key: key, clock: time.Now, looked: time.Now()}
	stamp, err := c.look()
	if err != nil {
		return nil, err
	}
	if err := c.load(stamp); err != nil {
		return nil, err
	}
	return c, nil
}

// look returns what the files look like now.
func (c *Certificates) look() (stamp string, err error) {
	for _, name := range []string{c.certificate, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return "", fmt.Errorf("%s cannot be read; check the path and that this program may read it", name)
		}
		stamp += fmt.Sprint(info.ModTime().UnixNano(), info.Size(), " ")
	}
	return stamp, nil
}

func (c *Certificates) load(stamp string) error {
	pair, err := tls.LoadX509KeyPair(c.certificate, c.key)
	if err != nil {
		return fmt.Errorf("%s and %s are no certificate with its key: %w", c.certificate, c.key, err)
	}
	c.current, c.stamp = &pair, stamp
	return nil
}

// get returns the certificate for a connection.
func (c *Certificates) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.clock(); now.Sub(c.looked) >= certificateSpan {
		c.looked = now
		c.renew()
	}
	return c.current, nil
}

// renew reads the files again where they have changed.
func (c *Certificates) renew() {
	stamp, err := c.look()
	if err == nil && stamp == c.stamp {
		return
	}
	if err == nil {
		err = c.load(stamp)
	}
	switch {
	case c.Logger == nil:
	case err != nil: // perhaps only one of the two is renewed so far: the next look may find both
		c.Logger.Warn("the renewed TLS certificate cannot be used; the old one stays in use", "cause", err)
	default:
		c.Logger.Info("the TLS certificate was renewed", "not_after", c.current.Leaf.NotAfter)
	}
}

// TLS returns the settings of a TLS listener: versions and ciphers that need no
// excuse, which is what Go chooses by itself from TLS 1.2 on.
func (c *Certificates) TLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"},
		CipherSuites: []uint16{ // of TLS 1.2; those of 1.3 cannot be chosen
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
}
