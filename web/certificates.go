package web

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"paycorcred/paycor/message"
	"paycorcred/paycor/textfile"
)

// certificateInterval is how often the certificate's files are checked.
const certificateInterval = 10 * time.Second

// Certificates is a TLS certificate in two files, which may be renewed while the
// server runs. New connections use a renewed pair after certificateInterval at
// the latest. If it is unusable, the old pair stays in use.
type Certificates struct {
	Logger *slog.Logger // nil logs nothing
	Name   string       // host at which clients connect; empty checks none

	certificate, key string
	clock            func() time.Time

	mu      sync.Mutex
	current *tls.Certificate
	version string // modification times and sizes of the loaded files
	checked time.Time
}

// OpenCertificates reads a certificate and its key.
func OpenCertificates(certificate, key string) (*Certificates, error) {
	c := &Certificates{certificate: certificate, key: key, clock: time.Now, checked: time.Now()}
	version, err := c.fileVersion()
	if err != nil {
		return nil, err
	}
	if err := c.load(version); err != nil {
		return nil, err
	}
	return c, nil
}

// fileVersion returns modification times and sizes of the files.
func (c *Certificates) fileVersion() (version string, err error) {
	for _, name := range []string{c.certificate, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return "", message.Wrapf(err, "cli.tls-unreadable", name, textfile.Cause(err))
		}
		version += fmt.Sprint(info.ModTime().UnixNano(), info.Size(), " ")
	}
	return version, nil
}

func (c *Certificates) load(version string) error {
	certificate, err := textfile.Read(c.certificate)
	if err != nil {
		return message.Wrapf(err, "cli.tls-unreadable", c.certificate, textfile.Cause(err))
	}
	key, err := textfile.Read(c.key)
	if err != nil {
		return message.Wrapf(err, "cli.tls-unreadable", c.key, textfile.Cause(err))
	}
	pair, err := parseKeyPair(c.certificate, c.key, certificate, key)
	if err != nil {
		return err
	}
	if reason := c.unusable(pair.Leaf); c.current != nil && !reason.IsZero() && c.unusable(c.current.Leaf).IsZero() {
		return message.Errorf("cli.tls-worse", c.certificate, reason)
	}
	c.current, c.version = &pair, version
	return nil
}

// get implements tls.Config.GetCertificate.
func (c *Certificates) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.clock(); now.Sub(c.checked) >= certificateInterval {
		c.checked = now
		c.renew()
	}
	return c.current, nil
}

// unusable says why clients refuse a certificate, or nothing.
func (c *Certificates) unusable(leaf *x509.Certificate) message.Message {
	switch now := c.clock(); {
	case !now.Before(leaf.NotAfter):
		return message.New("health.certificate-expired", leaf.NotAfter.UTC().Format(time.RFC3339))
	case now.Before(leaf.NotBefore):
		return message.New("health.certificate-early", leaf.NotBefore.UTC().Format(time.RFC3339))
	case c.Name != "" && leaf.VerifyHostname(c.Name) != nil:
		return message.New("health.certificate-name", c.Name)
	}
	return message.Message{}
}

// Unusable says why clients refuse the certificate in use, or nothing.
func (c *Certificates) Unusable() message.Message { return c.unusable(c.Leaf()) }

// Leaf returns the certificate itself, without those of its issuers.
func (c *Certificates) Leaf() *x509.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current.Leaf
}

// Reload loads the files now. If they are unusable, the old pair stays in use.
func (c *Certificates) Reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	version, err := c.fileVersion()
	if err != nil {
		return err
	}
	return c.load(version)
}

// renew loads the files if they changed.
func (c *Certificates) renew() {
	version, err := c.fileVersion()
	if err == nil && version == c.version {
		return
	}
	if err == nil {
		err = c.load(version)
	}
	switch {
	case c.Logger == nil:
	case err != nil: // maybe only one file is renewed yet; the next check may find both
		c.Logger.Warn("the renewed TLS certificate cannot be used; the old one stays in use", "cause", err)
	default:
		c.Logger.Info("the TLS certificate was renewed", "not_after", c.current.Leaf.NotAfter)
	}
}

// TLS returns the configuration of a TLS listener: TLS 1.2 or later, with
// forward-secret AEAD ciphers only.
func (c *Certificates) TLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"},
		CipherSuites: []uint16{ // for TLS 1.2; those of 1.3 are not configurable
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
}
