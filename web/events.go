package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/quota"
	"slices"
	"time"
)

// How many event streams are open at most, each of which holds a connection
// and a goroutine: of all callers, of one, who must not keep the others out,
// of one embedding site with all its people, and of one workspace.
const (
	maxStreams            = 1000
	maxStreamsOfCaller    = 100
	maxStreamsOfHost      = 500
	maxStreamsOfWorkspace = 750
)

func newStreams() *quota.Quota {
	return quota.New(maxStreams, func(party quota.Principal) int {
		switch party.Kind {
		case quota.KindHost:
			return maxStreamsOfHost
		case quota.KindWorkspace:
			return maxStreamsOfWorkspace
		}
		return maxStreamsOfCaller
	})
}

// events tells an open page of changes, as server-sent events: one data line
// per events.Change. Before anything is sent it is looked up again who
// listens, so the stream ends with its session or token.
func (d *door) events(w http.ResponseWriter, r *http.Request, _ api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	caller := *visitOf(r).caller
	if !caller.Rights.Has(paycor.RightView) {
		return refuse(paycor.KindForbidden, "You may not see credentials here. Ask for the right view.")
	}
	leave := d.streams.Acquire(quota.PrincipalsOf(caller)...)
	if leave == nil {
		return paycor.Errorf(paycor.KindBusy, "Too many pages listen for changes at once. Try again later.")
	}
	defer leave()

	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	stream := eventStream{w: w, patience: d.Heartbeat + streamPatience}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	changes := d.Changes(ctx, caller) // before the first line: whoever has read that misses nothing
	if !stream.send("retry: 3000\n\n") {
		return nil
	}
	beat := time.NewTicker(d.Heartbeat)
	defer beat.Stop()
	visitOf(r).quiet = true // that a page is open is no use of its session
	for {
		var text string
		select {
		case <-ctx.Done():
			return nil
		case <-draining(ctx):
			return nil
		case change, more := <-changes:
			if !more {
				return nil
			}
			switch {
			case change.Action == audit.ActionToken, change.Action == audit.ActionTokenRevoke:
				if !caller.Rights.Has(paycor.RightAdmin) || len(caller.Credentials) > 0 {
					continue
				}
				text = dataLine(change)
			case change.ID == "": // a host was changed: whose it is shows below
			case caller.MayTouch(change.ID):
				text = dataLine(change)
			default:
				continue
			}
		case <-beat.C:
			text = ": still here\n\n"
		}
		now, err := d.authenticate(r)
		if err != nil || !now.Rights.Has(paycor.RightView) {
			return nil
		}
		if !slices.Equal(now.Rights, caller.Rights) {
			caller.Rights = now.Rights
			text += dataLine(events.Change{Rights: now.Rights})
		}
		if text != "" && !stream.send(text) {
			return nil
		}
	}
}

func dataLine(change events.Change) string {
	line, _ := json.Marshal(change) // strings only
	return "data: " + string(line) + "\n\n"
}

// eventStream sends events at once.
type eventStream struct {
	w        http.ResponseWriter
	patience time.Duration
}

// send reports whether the text went out.
func (s eventStream) send(text string) bool {
	control := http.NewResponseController(s.w)
	_ = control.SetWriteDeadline(time.Now().Add(s.patience))
	_, err := io.WriteString(s.w, text)
	return err == nil && control.Flush() == nil
}
