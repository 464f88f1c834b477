package proxy

import (
	"io"
	"net/http"
	"net/url"
	"paycorcred/paycor/usage"
	"regexp"
	"strings"
	"time"
)

// via says of an answer that it came from Paycor through here (RFC 9110, 7.6.3).
const via = "1.1 paycorcred"

// answer passes Paycor's answer back as it comes.
func (c *call) answer(a *answer) error {
	c.status = a.StatusCode
	header := c.w.Header()
	passBack(header, a.Header)
	for _, name := range [...]string{"Location", "Content-Location"} {
		if values := header[name]; len(values) > 0 {
			header[name] = []string{c.homeward(values[0])}
		}
	}
	header["Via"] = append(header["Via"], via)
	if c.note = noteOf(a, header); c.note != "" {
		header[NoteHeader] = []string{string(c.note)}
	}
	if len(header["Content-Type"]) == 0 {
		header["Content-Type"] = nil // or the server would guess one
	}
	if a.StatusCode >= 400 {
		if wait := retryAfter(a.Header); wait > 0 {
			c.leave = leave{reset: wait} // whoever believes RateLimit must not come back before Retry-After
		}
	}
	c.quota()
	c.part()
	for name := range a.Trailer {
		if !notPassedBack[name] {
			header.Add("Trailer", name)
		}
	}
	if c.latest.Sub(c.begin) > c.config.StallTimeout { // the server's own bound on answering may be near
		_ = http.NewResponseController(c.w).SetWriteDeadline(c.latest.Add(c.config.StallTimeout))
	}
	c.w.WriteHeader(a.StatusCode)
	err := c.copy(a)
	switch {
	case err == nil:
		for name, values := range a.Trailer {
			if !notPassedBack[name] {
				header[name] = values
			}
		}
		a.finish(c)
		return nil
	case c.stopped():
		c.code, c.status = usage.CodeCallCut, 0 // nobody has the rest of it
	case c.r.Context().Err() != nil, err == errDownstream:
		c.code = usage.CodeCallGone
	default:
		c.code = usage.CodeCallCut
	}
	a.drop(c)
	return errAbort
}

// copy passes the body on. What has come goes out before more is waited for,
// except where the answer has a length: then its end is near enough.
func (c *call) copy(a *answer) (err error) {
	buffer := c.buffers.Get().(*[bufferSize]byte)
	defer func() {
		if err != errDownstream { // or HTTP/2 may still be sending from it: its Write ends early where a caller resets the stream
			c.buffers.Put(buffer)
		}
	}()
	var control *http.ResponseController
	streamed := a.ContentLength < 0
	failed := a.StatusCode >= 400
	write := func(part []byte) error {
		if failed && c.trouble == "" {
			c.trouble = correlationID(part)
		}
		if control != nil {
			_ = control.SetWriteDeadline(time.Now().Add(c.config.StallTimeout))
		}
		if _, err := c.w.Write(part); err != nil {
			return errDownstream
		}
		return nil
	}
	if len(a.first) > 0 {
		if err := write(a.first); err != nil {
			return err
		}
	}
	if a.ended {
		return nil
	}
	for {
		n, err := a.Body.Read(buffer[:])
		if n > 0 {
			if err := write(buffer[:n]); err != nil {
				return err
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
		if streamed && a.line.r.Buffered() == 0 {
			if err := control.Flush(); err != nil {
				return errDownstream
			}
		}
		c.latest = time.Now()
		a.line.patience(c.latest, c.config.StallTimeout)
	}
}

// errDownstream says that the caller does not take the answer.
var errDownstream = io.ErrClosedPipe

// homeward turns an address of Paycor's into the one under which this server
// passes it on. Addresses elsewhere stay as they are.
func (c *call) homeward(location string) string {
	root := strings.TrimSuffix(c.r.RequestURI, c.target)
	gate := c.at.gate
	if strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//") {
		return gate.under(root, location)
	}
	address, err := url.Parse(location)
	switch {
	case err != nil, address.User != nil:
		return location
	case address.Scheme == "" && address.Host == "":
		return c.resolved(root, address, location)
	case strings.EqualFold(address.Host, gate.host) && (address.Scheme == "" || address.Scheme == gate.url.Scheme):
		_, rest, _ := strings.Cut(location, "//")
		at := strings.IndexAny(rest, "/?#")
		switch {
		case at < 0:
			rest = "/"
		case rest[at] != '/':
			rest = "/" + rest[at:]
		default:
			rest = rest[at:]
		}
		return gate.under(root, rest)
	}
	return location
}

// resolved turns an address relative to the request's into one that does not
// depend on it, for dots could lead out of what this server passes on.
func (c *call) resolved(root string, address *url.URL, location string) string {
	request, err := url.Parse(c.at.gate.base + c.target)
	if err != nil {
		return location
	}
	return c.at.gate.under(root, request.ResolveReference(address).String())
}

// under returns where a path of the environment's is found here.
func (g *gate) under(root, path string) string {
	if g.base == "" {
		return root + path
	}
	if rest, below := strings.CutPrefix(path, g.base); below && (rest == "" || rest[0] == '/' || rest[0] == '?') {
		return root + rest
	}
	return path
}

// correlation finds Paycor's id of a failure, or the gateway's.
var correlation = regexp.MustCompile(`(?i)"(?:correlation|activity)_?id"\s*:\s*"([0-9a-z-]{1,64})"`)

// correlationID returns what Paycor's support asks for, where it stands in the
// beginning of a failure's body.
func correlationID(part []byte) string {
	const enough = 4 << 10
	if found := correlation.FindSubmatch(part[:min(len(part), enough)]); found != nil {
		return string(found[1])
	}
	return ""
}
