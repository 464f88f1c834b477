package h1

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

const (
	continueTimeout = time.Second // for 100 Continue; after that the body is sent anyway
	maxResponses    = 16          // to one request: up to 15 with status 1xx, and the final one
	maxDrain        = 16 << 10    // bytes of an unwanted body that are read to keep the connection
)

// Response is the response to a Request. Its body is read from the Response
// itself. Every Response must be ended by Release or Close.
type Response struct {
	*http.Response
	conn   *Conn
	peeked []byte // start of the body, read ahead by Empty
	offset int    // of what Read has returned of it
	whole  bool   // peeked is the whole body
}

// Do sends a request and reads the headers of its response. After an error the
// caller must discard the connection.
func (c *Conn) Do(request *Request, now time.Time) (*Response, error) {
	c.request, c.upload = request, nil
	err := c.send(now)
	if err != nil {
		return nil, sanitize(err)
	}
	response, err := c.readHead(now)
	if err != nil {
		return nil, sanitize(err)
	}
	return &Response{Response: response, conn: c}, nil
}

// send writes the head of the request and starts to send its body, unless the
// upstream is to ask for that first.
func (c *Conn) send(now time.Time) error {
	c.extendWriteDeadline(now, c.pool.config.StallTimeout)
	c.request.writeHead(c.w)
	if c.request.Body == nil || c.request.ExpectContinue {
		return c.w.Flush()
	}
	c.startUpload()
	return nil
}

// readHead reads up to the end of the final response's headers.
func (c *Conn) readHead(now time.Time) (*http.Response, error) {
	if c.request.ExpectContinue {
		c.awaitContinue()
		now = time.Now()
	}
	request := requestOf(c.request.Method)
	for interim := range maxResponses {
		if interim > 0 {
			now = time.Now()
		}
		c.extendReadDeadline(now, c.pool.config.ResponseTimeout)
		c.headerLimit = maxHeaderSize
		response, err := http.ReadResponse(c.r, request)
		c.headerLimit = -1
		switch {
		case err != nil:
			return nil, err
		case response.StatusCode >= 200:
			return response, nil
		case response.StatusCode == http.StatusSwitchingProtocols:
			return nil, ErrProtocolSwitch
		case response.StatusCode == http.StatusContinue && c.request.ExpectContinue && c.upload == nil:
			c.startUpload()
		}
	}
	return nil, ErrTooManyInterims
}

// awaitContinue waits for the first byte of a response, and sends the body if
// none arrives in time.
func (c *Conn) awaitContinue() {
	_ = c.SetReadDeadline(time.Now().Add(continueTimeout))
	c.readDeadline = time.Time{}
	if _, err := c.r.Peek(1); errors.Is(err, os.ErrDeadlineExceeded) {
		c.startUpload()
	}
}

var (
	headRequest = &http.Request{Method: http.MethodHead}
	getRequest  = &http.Request{Method: http.MethodGet}
)

// requestOf returns a request that tells http.ReadResponse whether the response
// can have a body.
func requestOf(method string) *http.Request {
	if method == http.MethodHead {
		return headRequest
	}
	return getRequest
}

// BodyStarted reports whether any of the request's body may have been sent.
func (r *Response) BodyStarted() bool { return r.conn.upload != nil }

// Empty reports whether the response has no body. If the headers do not say so,
// it reads the start of the body.
func (r *Response) Empty() bool {
	switch {
	case r.ContentLength >= 0:
		return r.ContentLength == 0
	case r.whole, len(r.peeked) > 0: // peeked before
		return len(r.peeked) == 0
	}
	var start [512]byte
	n, err := r.Body.Read(start[:])
	r.peeked = append([]byte(nil), start[:n]...)
	r.whole = err == io.EOF
	return n == 0 && r.whole
}

// Read reads the body. It returns io.EOF only at the end of a complete body.
func (r *Response) Read(b []byte) (int, error) {
	if r.offset < len(r.peeked) {
		n := copy(b, r.peeked[r.offset:])
		r.offset += n
		if r.whole && r.offset == len(r.peeked) {
			return n, io.EOF
		}
		return n, nil
	}
	if r.whole {
		return 0, io.EOF
	}
	return r.Body.Read(b)
}

// Buffered returns how many bytes of the body can be read without waiting.
func (r *Response) Buffered() int { return r.conn.r.Buffered() + len(r.peeked) - r.offset }

// ExtendReadDeadline allows at least d for the next reads of the body.
func (r *Response) ExtendReadDeadline(now time.Time, d time.Duration) {
	r.conn.extendReadDeadline(now, d)
}

// Release ends an exchange. It keeps the connection if the response was read to
// its end, the connection was not aborted, and another request can follow.
// reusable reports the first two.
func (r *Response) Release(now time.Time, reusable bool) {
	if reusable && r.reusable() {
		r.conn.request, r.conn.upload = nil, nil
		r.conn.pool.put(r.conn, now)
		return
	}
	r.Close()
}

// reusable reports whether another request can follow on the connection.
func (r *Response) reusable() bool {
	if r.Response.Close || r.conn.r.Buffered() > 0 {
		return false
	}
	if r.conn.upload == nil {
		return !r.conn.request.ExpectContinue // the upstream may still wait for the body
	}
	select {
	case <-r.conn.upload.done:
		return r.conn.upload.err == nil
	default:
		return false // the upstream responded before it had the whole body
	}
}

// Drain reads the rest of a short body that is not wanted, and reports whether
// it reached the end. If so, Release can keep the connection.
func (r *Response) Drain() bool {
	if r.whole {
		return true
	}
	r.conn.extendReadDeadline(time.Now(), time.Second)
	n, err := io.Copy(io.Discard, io.LimitReader(r.Body, maxDrain))
	return err == nil && n < maxDrain
}

// Close ends an exchange and its connection. Afterwards nothing reads the
// request's body anymore.
func (r *Response) Close() { r.conn.Discard() }
