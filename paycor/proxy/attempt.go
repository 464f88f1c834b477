package proxy

import (
	"time"

	"paycorcred/paycor/proxy/h1"
)

// attempt sends the request once. An error is a *paycor.Error; the connection is
// closed then.
func (c *call) attempt(fresh bool) (*h1.Response, error) {
	c.record.Tries++
	start := c.now
	conn, err := c.route.conns.Get(c.r.Context(), start, fresh)
	if err != nil {
		c.record.Upstream += time.Since(start)
		return nil, c.errNotConnected(err)
	}
	c.watch.watchConn(conn)
	c.request.Host, c.request.BasePath = c.route.endpoint.host, c.route.endpoint.basePath
	response, err := conn.Do(&c.request, start)
	c.now = time.Now()
	c.record.Upstream += c.now.Sub(start)
	if err != nil {
		// Before the body is stopped, because that cancels the context too.
		disconnected := c.r.Context().Err() != nil
		c.watch.unwatchConn()
		conn.Discard()
		return nil, c.errNoResponse(err, disconnected)
	}
	return response, nil
}

// WriteHeaders writes the headers of the request to Paycor, for h1.
func (c *call) WriteHeaders(w h1.HeaderWriter) {
	writeRequestHeaders(w, c.r.Header)
	w.Write("Authorization", "Bearer ", c.route.credentials.Token.Reveal())
	w.Write("Ocp-Apim-Subscription-Key", c.route.credentials.SubscriptionKey.Reveal())
}

// discard ends an exchange whose response is not forwarded.
func (c *call) discard(response *h1.Response) {
	drained := response.Drain()
	intact := c.watch.unwatchConn()
	response.Release(time.Now(), drained && intact)
}
