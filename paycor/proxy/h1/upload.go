package h1

import (
	"io"
	"net/http/httputil"
	"time"
)

// upload is a request body that is being sent while the response is read.
type upload struct {
	done chan struct{} // closed at the end
	err  error         // set before done is closed
}

// startUpload sends the body in another goroutine, because the upstream may
// respond before it has read all of it.
func (c *Conn) startUpload() {
	u, request := &upload{done: make(chan struct{})}, c.request
	c.upload = u
	go func() {
		defer close(u.done)
		bodyFailed, err := c.sendBody(request)
		u.err = err
		switch {
		case bodyFailed:
			_ = c.Conn.Close() // the upstream must not take half a body for a whole one
		case err != nil:
			// The upstream accepts no more. It may have responded before.
			_ = c.SetReadDeadline(time.Now().Add(time.Second))
		}
	}()
}

// sendBody copies the body to the connection as it arrives. bodyFailed means
// that the error is from the body and not from the connection.
func (c *Conn) sendBody(request *Request) (bodyFailed bool, err error) {
	buffer := c.pool.config.Buffers.Get().(*[BufferSize]byte)
	defer c.pool.config.Buffers.Put(buffer)
	var to io.Writer = c.w
	if request.chunked() {
		to = httputil.NewChunkedWriter(c.w)
	}
	for {
		n, readErr := request.Body.Read(buffer[:])
		if n > 0 {
			now := time.Now()
			c.extendWriteDeadline(now, c.pool.config.StallTimeout)
			// The timeout for the response starts at the end of the body.
			_ = c.SetReadDeadline(now.Add(c.pool.config.ResponseTimeout * 3 / 2))
			if _, err := to.Write(buffer[:n]); err != nil {
				return false, err
			}
			if readErr == nil {
				if err := c.w.Flush(); err != nil {
					return false, err
				}
			}
		}
		switch {
		case readErr == io.EOF:
			return false, c.endBody(request, to)
		case readErr != nil:
			return true, readErr
		}
	}
}

// endBody writes what follows the last byte of the body.
func (c *Conn) endBody(request *Request, to io.Writer) error {
	if closer, ok := to.(io.Closer); ok { // chunked
		if err := closer.Close(); err != nil {
			return err
		}
		request.writeTrailer(c.w)
	}
	return c.w.Flush()
}

// join waits until nothing reads the body anymore.
func (u *upload) join(body Body) {
	select {
	case <-u.done:
		return
	default:
	}
	body.Stop()
	<-u.done
}
