package proxy

import (
	"io"
	"net/http"
	"regexp"
	"time"

	"paycorcred/paycor/proxy/h1"
	"paycorcred/paycor/redact"
	"paycorcred/paycor/usage"
)

// viaValue is this server's entry in Via (RFC 9110, section 7.6.3).
const viaValue = "1.1 paycorcred"

// errWrite says that the caller does not take the response.
var errWrite = io.ErrClosedPipe

// forward sends Paycor's response to the caller as it arrives.
func (c *call) forward(response *h1.Response) error {
	c.record.Status = response.StatusCode
	header := c.w.Header()
	c.setResponseHeaders(header, response)
	c.closeIfLeftover()
	for name := range response.Trailer {
		if !strippedFromResponses[name] {
			header.Add("Trailer", name)
		}
	}
	if c.now.Sub(c.record.At) > c.config.StallTimeout { // the server's own write timeout may be near
		_ = http.NewResponseController(c.w).SetWriteDeadline(c.now.Add(c.config.StallTimeout))
	}
	c.w.WriteHeader(response.StatusCode)
	err := c.copyBody(response)
	switch {
	case err == nil:
		for name, values := range response.Trailer {
			if !strippedFromResponses[name] {
				header[name] = values
			}
		}
		response.Release(c.now, c.watch.unwatchConn())
		return nil
	case c.stopped():
		c.record.Code, c.record.Status = usage.CodeCallTruncated, 0 // the caller has no complete response
	case c.r.Context().Err() != nil, err == errWrite:
		c.record.Code = usage.CodeCallDisconnected
	default:
		c.record.Code = usage.CodeCallTruncated
	}
	c.watch.unwatchConn()
	response.Close()
	return errResponseAborted
}

// setResponseHeaders sets the headers of the caller's response.
func (c *call) setResponseHeaders(header http.Header, response *h1.Response) {
	copyResponseHeaders(header, response.Header)
	for _, name := range [...]string{"Location", "Content-Location"} {
		if values := header[name]; len(values) > 0 {
			header[name] = []string{c.rewriteLocation(values[0])}
		}
	}
	header["Via"] = append(header["Via"], viaValue)
	if c.record.Note = noteOf(response, header); c.record.Note != "" {
		header[NoteHeader] = []string{string(c.record.Note)}
	}
	if len(header["Content-Type"]) == 0 {
		header["Content-Type"] = nil // or net/http would guess one
	}
	if response.StatusCode >= 400 {
		if wait := retryAfter(response.Header); wait > 0 {
			c.permit = permit{reset: wait} // RateLimit must not promise an earlier time than Retry-After
		}
	}
	c.setRateLimitHeaders()
}

// setRateLimitHeaders tells the caller how many calls it has left.
func (c *call) setRateLimitHeaders() {
	header := c.w.Header()
	header["RateLimit-Policy"] = c.rateLimitPolicy
	header["RateLimit"] = []string{c.permit.header()}
}

// copyBody copies the body. It flushes what has come before it waits for more,
// except if the response has a length: then its end is near enough.
func (c *call) copyBody(response *h1.Response) (err error) {
	buffer := c.buffers.Get().(*[h1.BufferSize]byte)
	defer func() {
		// After a failed Write, HTTP/2 may still be sending from the buffer:
		// Write returns early if the caller resets the stream.
		if err != errWrite {
			c.buffers.Put(buffer)
		}
	}()
	var control *http.ResponseController // nil until the body has turned out to be long
	for {
		n, err := response.Read(buffer[:])
		if n > 0 {
			if c.record.Status >= 400 && c.record.CorrelationID == "" {
				c.record.CorrelationID = c.withoutSecrets(correlationID(buffer[:n]))
			}
			if control != nil {
				_ = control.SetWriteDeadline(time.Now().Add(c.config.StallTimeout))
			}
			if _, err := c.w.Write(buffer[:n]); err != nil {
				return errWrite
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if control == nil {
			control = http.NewResponseController(c.w)
		}
		if response.ContentLength < 0 && response.Buffered() == 0 {
			if err := control.Flush(); err != nil {
				return errWrite
			}
		}
		c.now = time.Now()
		response.ExtendReadDeadline(c.now, c.config.StallTimeout)
	}
}

// correlation matches the id of a failure in a body of Paycor's or the gateway's.
var correlation = regexp.MustCompile(`(?i)"(?:correlation|activity)_?id"\s*:\s*"([0-9a-z-]{1,64})"`)

// redactor removes the secrets of the call.
func (c *call) redactor() redact.Redactor {
	return redact.New(c.route.credentials.Token, c.route.credentials.SubscriptionKey)
}

// withoutSecrets returns an ID that Paycor sent, unless it repeats a secret of the call.
func (c *call) withoutSecrets(id string) string {
	if id == "" || c.redactor().Remove(id) != id {
		return ""
	}
	return id
}

// correlationID returns the id that Paycor's support asks for, if it is near the
// start of a failure's body.
func correlationID(body []byte) string {
	const searched = 4 << 10
	if match := correlation.FindSubmatch(body[:min(len(body), searched)]); match != nil {
		return string(match[1])
	}
	return ""
}
