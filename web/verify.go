package web

import (
	"encoding/json"
	"mime"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/verdicts"
	"strings"
	"sync"
	"time"
)

// ndjson is the media type of an answer that comes line by line.
const ndjson = "application/x-ndjson"

// streamPatience is how long one line may take to be sent to a slow reader.
// Each line renews it, so a stream outlives the server's bound on answers.
const streamPatience = 30 * time.Second

func (d *door) verifyCredential(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	if err := readJSON(w, r, targets{}, true); err != nil {
		return err
	}
	return d.answerVerdict(w, r, func(progress paycor.Progress) (verdicts.Verdict, error) {
		return service.Verify(r.Context(), id, progress)
	})
}

func (d *door) verifyDraft(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	var request paycor.VerifyRequest
	into := draftTargets(&request.Draft).with("id", &request.ID).with("accept_warnings", &request.AcceptWarnings).with("skip_data_access", &request.SkipDataAccess)
	if err := readJSON(w, r, into, false); err != nil {
		return err
	}
	return d.answerVerdict(w, r, func(progress paycor.Progress) (verdicts.Verdict, error) {
		return service.VerifyDraft(r.Context(), request, progress)
	})
}

// answerVerdict answers with the verdict, or, for who asks for lines, with
// each step as it happens and the verdict last.
func (d *door) answerVerdict(w http.ResponseWriter, r *http.Request, verify func(paycor.Progress) (verdicts.Verdict, error)) error {
	return d.answerSteps(w, r, "verdict", func(progress paycor.Progress) (any, error) {
		verdict, err := verify(progress)
		return shownVerdict(verdict), err
	})
}

// wantsLines reports whether the Accept header names NDJSON.
func wantsLines(r *http.Request) bool {
	for _, header := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(header, ",") {
			if media, parameters, err := mime.ParseMediaType(part); err == nil && media == ndjson && parameters["q"] != "0" {
				return true
			}
		}
	}
	return false
}

// lineWriter sends JSON objects of one member, a line each and at once.
type lineWriter struct {
	w     http.ResponseWriter
	mu    sync.Mutex
	begun bool
}

func (l *lineWriter) write(name string, value any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	line, err := json.Marshal(map[string]any{name: value})
	if err != nil {
		return // steps, verdicts and problems are plain data
	}
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", ndjson)
		l.w.Header().Set("X-Accel-Buffering", "no") // a proxy before us shall not hold lines back
		l.w.WriteHeader(http.StatusOK)
	}
	control := http.NewResponseController(l.w)
	_ = control.SetWriteDeadline(time.Now().Add(streamPatience))
	_, _ = l.w.Write(append(line, '\n'))
	_ = control.Flush()
}
