package web

import (
	"net/http"
	"paycorcred/paycor/api"
	"time"
)

// Visited is one request that was answered, for counting. Nothing in it comes
// from whoever sent it.
type Visited struct {
	Route  string // the pattern of the route; empty where there is none
	Method string // one of HTTP's, or "other"
	Status int    // 0 where nobody was there to be answered any more
	Took   time.Duration
}

// metrics answers with the server's metrics. That a request comes from this
// machine says nothing of who sent it: a proxy before the server, or any
// program on it, does too. So whoever reads them has a token or a session.
func (d *door) metrics(w http.ResponseWriter, r *http.Request, _ api.Service) error {
	if d.Metrics == nil {
		return noSuchAddress(r)
	}
	visit := visitOf(r)
	caller := *visit.caller
	caller.Rights = visit.access.lent(caller)
	handler, err := d.Metrics(r.Context(), caller)
	if err != nil {
		return err
	}
	handler.ServeHTTP(w, r)
	return nil
}
