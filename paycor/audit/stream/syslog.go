package stream

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"paycorcred/paycor/audit"
)

const (
	// priority is facility 13 (log audit) and severity 5 (notice) of RFC 5424.
	priority = 13*8 + 5

	// settle is how long a connection has to stay open after the last byte: syslog has no
	// answers, and a receiver that goes away does not take what is under way.
	settle = 300 * time.Millisecond

	maxHostname = 255 // characters, of RFC 5424
)

// Syslog sends each line as a message of RFC 5424, whose text is the line as JSON, in
// frames with their length (RFC 5425 with TLS, RFC 6587 without).
type Syslog struct {
	address string
	tls     *tls.Config // nil sends without TLS
	host    string

	conn   net.Conn
	closed chan struct{} // is closed when the receiver has closed conn
}

// NewSyslog returns a receiver at a host and port. A nil configuration sends without TLS.
func NewSyslog(address string, secured *tls.Config) *Syslog {
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	return &Syslog{address: address, tls: secured, host: headerOf(host, maxHostname)}
}

// headerOf returns a text as a field of a header: printable ASCII without space, or - for
// nothing.
func headerOf(text string, longest int) string {
	text = strings.Map(func(c rune) rune {
		if c <= ' ' || c > '~' {
			return -1
		}
		return c
	}, text)
	if text == "" {
		return "-"
	}
	return text[:min(len(text), longest)]
}

// Send implements Receiver.
func (s *Syslog) Send(ctx context.Context, lines []audit.Line) error {
	var frames bytes.Buffer
	for _, line := range lines {
		message, err := s.message(line)
		if err != nil {
			return err
		}
		frames.WriteString(strconv.Itoa(len(message)))
		frames.WriteByte(' ')
		frames.Write(message)
	}
	if err := s.connect(ctx); err != nil {
		return err
	}
	err := s.write(ctx, frames.Bytes())
	if err != nil {
		s.Close()
	}
	return err
}

// message returns a line as a message, without a newline.
func (s *Syslog) message(line audit.Line) ([]byte, error) {
	var message bytes.Buffer
	fmt.Fprintf(&message, "<%d>1 %s %s paycorcred %d audit - ", priority, line.At.UTC().Format("2006-01-02T15:04:05.000Z"), s.host, os.Getpid())
	err := writeLine(&message, line)
	return bytes.TrimSuffix(message.Bytes(), []byte("\n")), err
}

// connect opens the connection unless it is open.
func (s *Syslog) connect(ctx context.Context) error {
	if s.conn != nil {
		select {
		case <-s.closed:
			s.Close()
		default:
			return nil
		}
	}
	var dialer interface {
		DialContext(context.Context, string, string) (net.Conn, error)
	} = &net.Dialer{}
	if s.tls != nil {
		dialer = &tls.Dialer{Config: s.tls}
	}
	conn, err := dialer.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return err
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, conn) // a receiver sends nothing; it ends when one of both closes
	}()
	s.conn, s.closed = conn, closed
	return nil
}

// write writes frames, and waits until the connection has stayed open.
func (s *Syslog) write(ctx context.Context, frames []byte) error {
	deadline, _ := ctx.Deadline()
	if err := s.conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	if _, err := s.conn.Write(frames); err != nil {
		return err
	}
	select {
	case <-s.closed:
		return fmt.Errorf("the receiver at %s closed the connection", s.address)
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settle):
		return nil
	}
}

// Close implements Receiver.
func (s *Syslog) Close() {
	if s.conn == nil {
		return
	}
	_ = s.conn.Close()
	<-s.closed
	s.conn = nil
}
