package proxy

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"paycorcred/paycor"
	"paycorcred/paycor/usage"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Bounds of one try.
const (
	expectTime  = time.Second // how long Paycor's 100 Continue is waited for before the body is sent anyway
	mostInterim = 16          // answers 1xx before the real one
)

// answer is Paycor's, on the line it comes by.
type answer struct {
	*http.Response
	line   *line
	upload *upload // nil where no body is sent
	lines  *lines
	first  []byte // of the body, where it was looked at
	ended  bool   // the body is in first as a whole
}

// upload is a body on its way to Paycor.
type upload struct {
	done chan struct{}
	err  error
}

// ask sends the request once and returns what came back. An error is a
// *paycor.Error; the line is dropped then.
func (c *call) ask(anew bool) (*answer, error) {
	c.tries++
	begin := c.latest
	lines := c.at.lines
	l, err := lines.get(c.r.Context(), begin, anew)
	if err != nil {
		c.upstream += time.Since(begin)
		return nil, c.unsent(err)
	}
	a := &answer{line: l, lines: lines}
	// A caller that leaves takes the connection along, which ends whatever waits
	// for it, here and at Paycor.
	c.place.use(l)
	err = c.send(a, begin)
	if err == nil {
		err = c.read(a, begin)
	}
	c.latest = time.Now()
	c.upstream += c.latest.Sub(begin)
	if err != nil {
		return nil, c.broken(a, err)
	}
	return a, nil
}

// send writes the head, and begins with the body where there is one.
func (c *call) send(a *answer, now time.Time) error {
	w := a.line.w
	a.line.drive(now, c.config.StallTimeout)
	_, _ = w.WriteString(c.r.Method)
	_ = w.WriteByte(' ')
	_, _ = w.WriteString(c.at.gate.base)
	_, _ = w.WriteString(c.target)
	_, _ = w.WriteString(" HTTP/1.1\r\n")
	writeHeader(w, "Host", c.at.gate.host)
	writeHeaders(w, c.r.Header)
	_, _ = w.WriteString("Authorization: Bearer ")
	_, _ = w.WriteString(c.at.passage.Token.Reveal())
	_, _ = w.WriteString("\r\n")
	writeHeader(w, "Ocp-Apim-Subscription-Key", c.at.passage.SubscriptionKey.Reveal())
	chunked := c.r.ContentLength < 0
	switch {
	case chunked:
		writeHeader(w, "Transfer-Encoding", "chunked")
		if c.trailers = declared(c.r.Trailer); len(c.trailers) > 0 {
			writeHeader(w, "Trailer", strings.Join(c.trailers, ", "))
		}
	case c.r.ContentLength > 0 || c.r.Method == http.MethodPost || c.r.Method == http.MethodPut || c.r.Method == http.MethodPatch:
		var digits [20]byte
		_, _ = w.WriteString("Content-Length: ")
		_, _ = w.Write(strconv.AppendInt(digits[:0], c.r.ContentLength, 10))
		_, _ = w.WriteString("\r\n")
	}
	if c.expects {
		writeHeader(w, "Expect", "100-continue")
	}
	_, _ = w.WriteString("\r\n")
	if !c.hasBody {
		return w.Flush()
	}
	if c.expects {
		if err := w.Flush(); err != nil {
			return err
		}
		return nil // read begins with the body when Paycor asks for it
	}
	c.begin100(a)
	return nil
}

// begin100 begins with the body.
func (c *call) begin100(a *answer) {
	a.upload = &upload{done: make(chan struct{})}
	go func() {
		defer close(a.upload.done)
		a.upload.err = c.push(a.line)
		switch {
		case c.body.failed != nil:
			// Half a body never ends like a whole one.
			_ = a.line.Close()
		case a.upload.err != nil:
			// Paycor takes no more of it. It may have said why before.
			_ = a.line.SetReadDeadline(time.Now().Add(time.Second))
		}
	}()
}

// push sends the body as it comes.
func (c *call) push(l *line) error {
	buffer := c.buffers.Get().(*[bufferSize]byte)
	defer c.buffers.Put(buffer)
	var to io.Writer = l.w
	chunked := c.r.ContentLength < 0
	if chunked {
		to = httputil.NewChunkedWriter(l.w)
	}
	for {
		n, err := c.body.fill(buffer[:])
		if n > 0 {
			now := time.Now()
			l.drive(now, c.config.StallTimeout)
			_ = l.SetReadDeadline(now.Add(c.config.ResponseTimeout * 3 / 2)) // the answer is waited for from the end of the body on
			if _, err := to.Write(buffer[:n]); err != nil {
				return err
			}
			if err == nil {
				if err := l.w.Flush(); err != nil {
					return err
				}
			}
		}
		switch {
		case err == io.EOF && chunked:
			if err := to.(io.Closer).Close(); err != nil {
				return err
			}
			if err := writeTrailers(l.w, c.trailers, c.r.Trailer); err != nil {
				return err
			}
			c.body.end()
			return l.w.Flush()
		case err == io.EOF:
			c.body.end()
			return l.w.Flush()
		case err != nil:
			return err
		}
	}
}

// declared returns the trailers that a caller has announced, as far as they are
// passed on. Others that come join them in the request, under any name.
func declared(trailer http.Header) (names []string) {
	for name := range trailer {
		if !dropped(name, nil) && httpguts.ValidHeaderFieldName(name) {
			names = append(names, name)
		}
	}
	return names
}

// read reads the head of the answer to what was sent just now.
func (c *call) read(a *answer, now time.Time) error {
	l := a.line
	if c.expects {
		_ = l.SetReadDeadline(time.Now().Add(expectTime))
		l.readBy = time.Time{}
		if _, err := l.r.Peek(1); errors.Is(err, os.ErrDeadlineExceeded) {
			c.begin100(a)
		}
		now = time.Now()
	}
	request := methodOf(c.r.Method)
	for interim := range mostInterim {
		if interim > 0 {
			now = time.Now()
		}
		l.patience(now, c.config.ResponseTimeout)
		l.room = mostHeaderSize
		response, err := http.ReadResponse(l.r, request)
		l.room = -1
		switch {
		case err != nil:
			return err
		case response.StatusCode >= 200:
			a.Response = response
			return nil
		case response.StatusCode == http.StatusSwitchingProtocols:
			return errSwitch
		case response.StatusCode == http.StatusContinue && c.expects && a.upload == nil:
			c.begin100(a)
		}
	}
	return errInterim
}

var (
	errSwitch  = errors.New("the other side changed the protocol without being asked")
	errInterim = errors.New("too many interim answers")
)

// methodOf returns a request that tells the reader of answers whether a body
// can follow.
func methodOf(method string) *http.Request {
	if method == http.MethodHead {
		return headRequest
	}
	return getRequest
}

var (
	headRequest = &http.Request{Method: http.MethodHead}
	getRequest  = &http.Request{Method: http.MethodGet}
)

// unsent is the error where no connection came about.
func (c *call) unsent(cause error) error {
	if c.r.Context().Err() != nil {
		return c.gone(cause, c.tries > 1)
	}
	err := refuse(paycor.KindUpstream, usage.CodeCallUnsent, "No connection to Paycor could be opened, so nothing was sent. Try again in a minute.")
	err.Err = withoutAddress(cause)
	return err
}

// withoutAddress keeps the address of the network's proxy, which may hold a
// password, out of the log.
func withoutAddress(cause error) error {
	var wrapped *url.Error
	if errors.As(cause, &wrapped) {
		return wrapped.Err
	}
	return cause
}

// broken says what a failed try means to the caller, and lets go of the line.
func (c *call) broken(a *answer, cause error) error {
	left := c.r.Context().Err() != nil
	a.drop(c)
	if c.stopped() || left && (c.body == nil || !c.body.slow()) { // the server takes a body that is too slow for a caller that left
		return c.gone(describe(cause), true)
	}
	var network net.Error
	var err *paycor.Error
	switch {
	case c.body != nil && c.body.slow():
		err = refuse(paycor.KindMalformed, usage.CodeCallBody, "The request's body came too slowly, so it was given up.")
		cause = c.body.failed
	case c.body != nil && c.body.failed != nil:
		err = refuse(paycor.KindMalformed, usage.CodeCallBody, "The request's body ended before it was whole.")
		cause = c.body.failed
	case errors.As(cause, &network) && network.Timeout():
		err = refuse(paycor.KindLate, usage.CodeCallTimeout, "Paycor did not answer in time.")
		if c.safe {
			err.Message += " Send it again in a minute; if it stays so and asks for a list, ask for less of it at once."
		} else {
			err.Message += " It may have done what was asked: look before you send it again."
		}
	case errors.Is(cause, io.EOF), errors.Is(cause, io.ErrUnexpectedEOF), errors.As(cause, &network):
		err = refuse(paycor.KindUpstream, usage.CodeCallUnknown, "The connection to Paycor broke off before an answer came.")
		if c.safe && c.tries > 1 {
			err.Message += " This server sent it " + strconv.Itoa(c.tries) + " times. Send it again in a minute; if it stays so, check the network of the machine this server runs on."
		} else if c.safe {
			err.Message += " Send it again."
		} else {
			err.Message += " Paycor may have done what was asked: look before you send it again."
		}
	default:
		err = refuse(paycor.KindUpstream, usage.CodeCallUnreadable, "What came back from Paycor is no answer that can be read. If it stays so, ask whoever runs the network whether a proxy changes Paycor's answers.")
	}
	err.Err = describe(cause)
	return err
}

// describe keeps what came over the wire out of the log: readers of HTTP quote
// the line they cannot read, and a token may stand in it.
func describe(cause error) error {
	var network net.Error
	if errors.As(cause, &network) || errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF) ||
		cause == errSwitch || cause == errInterim || errors.Is(cause, errHeaderSize) {
		return cause
	}
	return errors.New("malformed answer")
}

// drop ends a try whose line is of no more use.
func (a *answer) drop(c *call) {
	c.place.done()
	a.lines.drop(a.line)
	a.join(c)
}

// join waits until nothing reads the caller's body any more.
func (a *answer) join(c *call) {
	if a.upload == nil {
		return
	}
	select {
	case <-a.upload.done:
		return
	default:
	}
	// Behind the end of a body the server reads already for the next request;
	// to end that read would say that the caller has left.
	if !c.body.ended.Load() {
		c.body.stop()
	}
	<-a.upload.done
}

// finish gives the line back after an answer that was read to its end, if it
// can carry another.
func (a *answer) finish(c *call) {
	reusable := c.place.done() && !a.Close && a.line.r.Buffered() == 0
	if a.upload != nil {
		select {
		case <-a.upload.done:
			reusable = reusable && a.upload.err == nil
		default:
			reusable = false // Paycor had enough of the body
		}
	} else if c.expects {
		reusable = false // Paycor may wait for the body still
	}
	if !reusable {
		a.drop(c)
		return
	}
	a.lines.put(a.line, c.latest)
}

// leaveTo lets an answer go that is not passed on. What little of it is left
// is read, so that the line can be used again.
func (a *answer) leaveTo(c *call) {
	const little = 16 << 10
	if !a.ended {
		a.line.patience(time.Now(), time.Second)
		n, err := io.Copy(io.Discard, io.LimitReader(a.Body, little))
		if err != nil || n == little {
			a.drop(c)
			return
		}
	}
	a.finish(c)
}

// empty reports whether the answer has no body. Where that cannot be told
// otherwise, it reads the beginning.
func (a *answer) empty() bool {
	switch {
	case a.ContentLength >= 0:
		return a.ContentLength == 0
	case a.ended, len(a.first) > 0: // it was looked at
		return len(a.first) == 0
	}
	var first [512]byte
	n, err := a.Body.Read(first[:])
	a.first = append([]byte(nil), first[:n]...)
	a.ended = err == io.EOF
	return n == 0 && a.ended
}
