package paycortest

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// hold delays a request until the delay is over (unless forever), the client
// disconnects or the simulator is closed.
func (s *Simulator) hold(r *http.Request, delay time.Duration, forever bool) {
	var up <-chan time.Time
	if !forever {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		up = timer.C
	}
	select {
	case <-up:
	case <-r.Context().Done():
	case <-s.done:
	}
}

// intercept responds to a request that never reaches Paycor.
func (c *call) intercept() (answer, bool) {
	if fault, hit := c.fault(Redirect); hit {
		a := newAnswer(fault.Status, "text/html", []byte("<title>Object moved</title>"))
		a.header.Set("Location", "http://"+c.request.Host+"/simulator/elsewhere")
		return a, true
	}
	if _, hit := c.fault(CaptivePortal); hit {
		return newAnswer(http.StatusOK, "text/html; charset=utf-8",
			[]byte("<!doctype html><title>Guest network</title><h1>Welcome. Sign in to use this network.</h1>")), true
	}
	if fault, hit := c.fault(HTMLPage); hit {
		return newAnswer(fault.Status, "text/html; charset=utf-8",
			[]byte("<!doctype html><title>Error</title><h1>The page cannot be displayed</h1>")), true
	}
	return answer{}, false
}

// corrupt damages a complete response: Paycor has carried out the request.
func (c *call) corrupt(a answer) answer {
	if _, hit := c.fault(NotJSON); hit {
		return newAnswer(http.StatusOK, "application/json; charset=utf-8", []byte("OK: {see below"))
	}
	if _, hit := c.fault(EmptyBody); hit {
		a.body = nil
	}
	if _, hit := c.fault(TruncatedBody); hit {
		a.body = a.body[:len(a.body)/2]
	}
	return a
}

func send(w http.ResponseWriter, a answer) {
	head(w, a)
	_, _ = w.Write(a.body) // the client may have disconnected
}

func head(w http.ResponseWriter, a answer) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", itoa(len(a.body)))
	w.WriteHeader(a.status)
}

// writeSlowly sends the headers at once and the body a few bytes at a time.
func (s *Simulator) writeSlowly(w http.ResponseWriter, r *http.Request, a answer, over time.Duration) {
	const drops = 8
	head(w, a)
	flush := http.NewResponseController(w)
	size := max(1, (len(a.body)+drops-1)/drops)
	for body := a.body; len(body) > 0; {
		if flush.Flush() != nil {
			return
		}
		s.hold(r, over/drops, false)
		n := min(size, len(body))
		if _, err := w.Write(body[:n]); err != nil {
			return
		}
		body = body[n:]
	}
}

// cut resets the connection after the first n bytes of the response body, or at
// once if there is no response.
func cut(w http.ResponseWriter, a *answer, n int) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // not a plain HTTP/1 connection: let net/http close it
		panic(http.ErrAbortHandler)
	}
	if a != nil {
		var out bytes.Buffer
		fmt.Fprintf(&out, "HTTP/1.1 %d %s\r\n", a.status, http.StatusText(a.status))
		for name, values := range a.header {
			fmt.Fprintf(&out, "%s: %s\r\n", name, strings.Join(values, ", "))
		}
		// One more byte than the body has, so that even a complete body looks
		// unfinished.
		fmt.Fprintf(&out, "Content-Length: %d\r\n\r\n", len(a.body)+1)
		out.Write(a.body[:min(n, len(a.body))])
		_, _ = conn.Write(out.Bytes())
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset instead of an orderly end
	}
	_ = conn.Close()
}
