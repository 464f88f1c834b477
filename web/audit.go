package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// maxFilter is the maximum length of an audit filter in bytes.
const maxFilter = 200

// auditFilters are the query parameters that filter the audit trail.
var auditFilters = []string{"credential", "caller", "action", "outcome", "request_id", "from", "to"}

// auditHandlers serve the audit trail.
type auditHandlers struct{ errors *errorWriter }

// auditFilter reads the filters of a query string.
func auditFilter(values url.Values) (audit.Filter, audit.Query, error) {
	filter := audit.Filter{
		Credential: values.Get("credential"), Caller: values.Get("caller"), Action: audit.Action(values.Get("action")),
		Outcome: values.Get("outcome"), RequestID: values.Get("request_id"), From: values.Get("from"), To: values.Get("to"),
	}
	for _, name := range auditFilters {
		if len(values.Get(name)) > maxFilter {
			return audit.Filter{}, audit.Query{}, invalidQuery(fields.Problem{Field: fields.Field(name), Code: fields.ProblemTooLong, Message: message.New("problem.query-too-long", name)})
		}
	}
	query, problems := filter.Query()
	return filter, query, invalidQuery(problems...)
}

func (h *auditHandlers) list(w http.ResponseWriter, r *http.Request, service api.Service) error {
	values, err := readQuery(r, append([]string{"cursor", "limit"}, auditFilters...)...)
	if err != nil {
		return err
	}
	_, query, err := auditFilter(values)
	if err != nil {
		return err
	}
	if query.Cursor, query.Limit, err = paging(values); err != nil {
		return err
	}
	page, err := service.Audit(r.Context(), query)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, presentAudit(page))
}

// export streams the trail as NDJSON. If it fails halfway, it closes the
// connection, so that no client mistakes a partial export for a whole one.
func (h *auditHandlers) export(w http.ResponseWriter, r *http.Request, service api.Service) error {
	query, after, err := exportQuery(r)
	if err != nil {
		return err
	}
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", ndjson)
		w.WriteHeader(http.StatusOK)
		return nil
	}
	lines := exportWriter{w: w, control: http.NewResponseController(w)}
	err = service.ExportAudit(r.Context(), query, after, lines.write)
	switch {
	case err == nil:
		lines.start()
		return nil
	case !lines.started:
		return err
	}
	h.errors.report(r, err)
	panic(http.ErrAbortHandler)
}

// exportQuery reads the filters and the sequence number after which the export
// starts.
func exportQuery(r *http.Request) (query audit.Query, after int64, err error) {
	values, err := readQuery(r, append([]string{"after"}, auditFilters...)...)
	if err != nil {
		return query, 0, err
	}
	if _, query, err = auditFilter(values); err != nil {
		return query, 0, err
	}
	if values.Has("after") {
		after, err = strconv.ParseInt(values.Get("after"), 10, 64)
		if err != nil || after < 0 {
			return query, 0, invalidQuery(fields.Problem{Field: "after", Code: fields.ProblemOutOfRange, Message: message.New("problem.query-after")})
		}
	}
	return query, after, nil
}

// exportWriter writes audit lines.
type exportWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	started bool
	renewed time.Time // when the write deadline was last renewed
}

// start writes the headers, once.
func (e *exportWriter) start() {
	if e.started {
		return
	}
	e.started = true
	e.w.Header().Set("Content-Type", ndjson)
	e.w.Header().Set("Content-Disposition", `attachment; filename="audit.ndjson"`)
	e.w.WriteHeader(http.StatusOK)
}

func (e *exportWriter) write(line audit.Line) error {
	e.start()
	if now := time.Now(); now.Sub(e.renewed) > time.Second {
		e.renewed = now
		_ = e.control.SetWriteDeadline(now.Add(lineTimeout))
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = e.w.Write(append(text, '\n'))
	return err
}
