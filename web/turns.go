package web

import (
	"bytes"
	"errors"
	"net/http"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/message"
	"paycorcred/paycor/quota"
)

// maxWaitingTurns is how many requests of one workspace wait for a turn. A caller may
// have a quarter of them.
const maxWaitingTurns = 256

// How many lists and pages a caller may ask for on average, which reads 100,000 credentials
// in a minute, and at once: they take a processor for a second, in which the slowest calls
// of others take longer. Further ones wait.
const (
	listsPerMinute = 600
	listsAtOnce    = 100
)

// How many responses of lists and pages may be under way to their clients, for which they
// are kept in memory, and for how long.
const (
	maxUnread         = 256
	maxUnreadOfCaller = 16 // of an embedding site twice as many, of a workspace four times
	unreadTimeout     = 30 * time.Second
)

func newUnread() *quota.Quota {
	return quota.New(maxUnread, func(principal quota.Principal) int {
		switch principal.Kind {
		case quota.KindWorkspace:
			return 4 * maxUnreadOfCaller
		case quota.KindHost:
			return 2 * maxUnreadOfCaller
		}
		return maxUnreadOfCaller
	})
}

// newTurns returns the turns of requests that take processor time, such as lists and
// pages. Half of the processors is left for calls to Paycor, which take little.
func newTurns(clock func() time.Time) *quota.Fair {
	return quota.NewFair(quota.FairConfig{
		Slots: quota.HalfOfProcessors(), MaxWaiting: maxWaitingTurns, MaxPerCaller: maxWaitingTurns / 4, Clock: clock,
	})
}

// inTurn serves a request when it is its caller's turn. The response is written
// afterwards, so that a slow client does not keep others waiting. A caller who reads none
// of many responses gets no more.
func (s *server) inTurn(serve serviceFunc) serviceFunc {
	return func(w http.ResponseWriter, r *http.Request, service api.Service) error {
		caller := *infoOf(r).caller
		err := s.pace.Wait(r.Context(), caller)
		var release func()
		if err == nil {
			release, err = s.turns.Acquire(r.Context(), caller)
		}
		if errors.Is(err, quota.ErrCrowded) {
			return errListsBusy()
		}
		if err != nil {
			return err
		}
		read := s.unread.Acquire(quota.PrincipalsOf(caller)...)
		if read == nil {
			release()
			return errListsBusy()
		}
		defer read()
		held := heldResponse{header: w.Header()}
		err = func() error {
			defer release()
			return serve(&held, r, service)
		}()
		if held.status != 0 {
			_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(unreadTimeout))
			w.WriteHeader(held.status)
			_, _ = w.Write(held.body.Bytes()) // an error means that the client disconnected
		}
		return err
	}
}

func errListsBusy() error {
	return &paycor.Error{Kind: paycor.KindBusy, Message: message.New("error.lists-busy"), RetryAfter: time.Second}
}

// heldResponse keeps a response until it is the time to write it.
type heldResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *heldResponse) Header() http.Header { return w.header }

func (w *heldResponse) WriteHeader(status int) { w.status = status }

func (w *heldResponse) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.body.Write(b)
}
