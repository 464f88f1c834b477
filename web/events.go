package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/quota"
)

// Limits on open event streams, each of which holds a connection and a
// goroutine: in total, per caller, per embedding site with all its people, and
// per workspace.
const (
	maxStreams             = 1000
	maxStreamsPerCaller    = 100
	maxStreamsPerHost      = 500
	maxStreamsPerWorkspace = 750
)

func newStreamQuota() *quota.Quota {
	return quota.New(maxStreams, func(principal quota.Principal) int {
		switch principal.Kind {
		case quota.KindHost:
			return maxStreamsPerHost
		case quota.KindWorkspace:
			return maxStreamsPerWorkspace
		}
		return maxStreamsPerCaller
	})
}

// eventHandlers stream changes to open pages.
type eventHandlers struct {
	auth      *authenticator
	changes   func(context.Context, paycor.Caller) <-chan events.Change
	heartbeat time.Duration
	slots     *quota.Quota
}

// serve sends server-sent events, one data line per events.Change. It
// authenticates again before each event, so that the stream ends with its
// session or token.
func (h *eventHandlers) serve(w http.ResponseWriter, r *http.Request, _ api.Service) error {
	caller := *infoOf(r).caller
	if !caller.Rights.Has(paycor.RightView) {
		return deny(paycor.KindForbidden, "error.events-forbidden")
	}
	release := h.slots.Acquire(quota.PrincipalsOf(caller)...)
	if release == nil {
		return paycor.Errorf(paycor.KindBusy, "error.events-busy")
	}
	defer release()

	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // keeps nginx from buffering events
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	changes := h.changes(ctx, caller) // before the first line: a client that has read it misses nothing
	stream := eventStream{w: w, timeout: h.heartbeat + lineTimeout}
	if stream.send("retry: 3000\n\n") {
		infoOf(r).background = true // an open page does not count as activity of its session
		h.forward(ctx, r, stream, caller, changes)
	}
	return nil
}

// forward sends changes and heartbeats until the context, the caller's access or
// the server ends.
func (h *eventHandlers) forward(ctx context.Context, r *http.Request, stream eventStream, caller paycor.Caller, changes <-chan events.Change) {
	heartbeat := time.NewTicker(h.heartbeat)
	defer heartbeat.Stop()
	for {
		var text string
		select {
		case <-ctx.Done():
			return
		case <-draining(ctx):
			return
		case change, open := <-changes:
			if !open {
				return
			}
			var visible bool
			if text, visible = eventFor(caller, change); !visible {
				continue
			}
		case <-heartbeat.C:
			text = ": still here\n\n"
		}
		current, err := h.auth.caller(r)
		if err != nil || !current.Rights.Has(paycor.RightView) {
			return
		}
		if !slices.Equal(current.Rights, caller.Rights) {
			caller.Rights = current.Rights
			text += eventText(events.Change{Rights: current.Rights})
		}
		if text != "" && !stream.send(text) {
			return
		}
	}
}

// eventFor returns the event for a change that the caller may see. A change of
// an embedding site has no event, and a revoked API token only for administrators:
// both matter to others only if they change the caller's rights, which forward checks
// next.
func eventFor(caller paycor.Caller, change events.Change) (text string, visible bool) {
	switch {
	case change.Missed:
		return eventText(change), true
	case change.Action == audit.ActionToken, change.Action == audit.ActionTokenRevoke:
		if !caller.Rights.Has(paycor.RightAdmin) || len(caller.Credentials) > 0 {
			return "", change.Action == audit.ActionTokenRevoke // it may have ended the caller's session
		}
		return eventText(change), true
	case change.ID == "":
		return "", true
	case caller.Covers(change.ID):
		return eventText(change), true
	}
	return "", false
}

func eventText(change events.Change) string {
	line, _ := json.Marshal(change) // strings only: it cannot fail
	return "data: " + string(line) + "\n\n"
}

// eventStream sends events without buffering.
type eventStream struct {
	w       http.ResponseWriter
	timeout time.Duration // for one event
}

// send reports whether it could send the text.
func (s eventStream) send(text string) bool {
	control := http.NewResponseController(s.w)
	_ = control.SetWriteDeadline(time.Now().Add(s.timeout))
	_, err := io.WriteString(s.w, text)
	return err == nil && control.Flush() == nil
}
