package web

import (
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// ndjson is the media type of responses with one JSON object per line.
const ndjson = "application/x-ndjson"

// lineTimeout is how long a slow client may take to receive one line. Each line
// renews it, so a stream can outlast the server's WriteTimeout.
const lineTimeout = 30 * time.Second

// progressHandlers serve operations that can report each verification step.
type progressHandlers struct{ errors *errorWriter }

// write writes the result of run. If the client accepts NDJSON, it first writes
// each step as it happens, and the result last, under a name.
func (h *progressHandlers) write(w http.ResponseWriter, r *http.Request, name string, run func(paycor.Progress) (any, error)) error {
	if !acceptsNDJSON(r) {
		result, err := run(nil)
		if err != nil {
			return err
		}
		return writeJSON(w, http.StatusOK, result)
	}
	lines := &lineWriter{w: w}
	result, err := run(func(step verdicts.Step) { lines.write("step", step) })
	if err != nil && !lines.started {
		return err // an ordinary error response is still possible
	}
	if err != nil {
		lines.write("problem", h.errors.report(r, err))
		return nil
	}
	lines.write(name, result)
	return nil
}

// acceptsNDJSON reports whether the Accept header names NDJSON.
func acceptsNDJSON(r *http.Request) bool {
	for _, header := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(header, ",") {
			if media, parameters, err := mime.ParseMediaType(part); err == nil && media == ndjson && parameters["q"] != "0" {
				return true
			}
		}
	}
	return false
}

// lineWriter writes JSON objects with one member, one per line, and flushes
// each. It may be used by several goroutines.
type lineWriter struct {
	w       http.ResponseWriter
	mu      sync.Mutex
	started bool
}

func (l *lineWriter) write(name string, value any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	line, err := json.Marshal(map[string]any{name: localized(value, languageOf(l.w))})
	if err != nil {
		return // impossible: steps, verdicts and problems are plain data
	}
	if !l.started {
		l.started = true
		l.w.Header().Set("Content-Type", ndjson)
		l.w.Header().Set("X-Accel-Buffering", "no") // keeps nginx from buffering lines
		l.w.WriteHeader(http.StatusOK)
	}
	control := http.NewResponseController(l.w)
	_ = control.SetWriteDeadline(time.Now().Add(lineTimeout))
	_, _ = l.w.Write(append(line, '\n'))
	_ = control.Flush()
}
