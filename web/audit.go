package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"strconv"
	"time"
)

// maxFilter is the longest filter of the audit trail, in bytes.
const maxFilter = 200

// auditFilters are the query parameters that filter the audit trail.
var auditFilters = []string{"credential", "caller", "action", "outcome", "request_id", "from", "to"}

// auditFilter reads the filters of an address.
func auditFilter(values url.Values) (audit.Filter, audit.Query, error) {
	filter := audit.Filter{
		Credential: values.Get("credential"), Caller: values.Get("caller"), Action: audit.Action(values.Get("action")),
		Outcome: values.Get("outcome"), RequestID: values.Get("request_id"), From: values.Get("from"), To: values.Get("to"),
	}
	for _, name := range auditFilters {
		if len(values.Get(name)) > maxFilter {
			return audit.Filter{}, audit.Query{}, badQuery(fields.Problem{Field: fields.Field(name), Code: fields.ProblemTooLong, Message: name + " is too long. Search for less."})
		}
	}
	query, problems := filter.Query()
	return filter, query, badQuery(problems...)
}

func (d *door) listAudit(w http.ResponseWriter, r *http.Request, service api.Service) error {
	values, err := readQuery(r, append([]string{"cursor", "limit"}, auditFilters...)...)
	if err != nil {
		return err
	}
	_, query, err := auditFilter(values)
	if err != nil {
		return err
	}
	if query.Cursor = values.Get("cursor"); len(query.Cursor) > maxCursor {
		return badQuery(fields.Problem{Field: "cursor", Code: fields.ProblemTooLong, Message: "cursor is none that this server gave. Take next_cursor of the page before."})
	}
	if values.Has("limit") {
		query.Limit, err = strconv.Atoi(values.Get("limit"))
		if err != nil || query.Limit < 1 || query.Limit > maxLimit {
			return badQuery(fields.Problem{Field: "limit", Code: fields.ProblemOutOfRange, Message: "limit has to be a whole number from 1 to 200."})
		}
	}
	page, err := service.Audit(r.Context(), query)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, shownAudit(page))
}

func shownAudit(page audit.Page) audit.Page {
	page.Entries = list(page.Entries)
	if page.Names == nil {
		page.Names = map[string]string{}
	}
	return page
}

// exportAudit sends the trail line by line. Where it breaks off, the answer is
// cut, so that nobody takes half of it for the whole.
func (d *door) exportAudit(w http.ResponseWriter, r *http.Request, service api.Service) error {
	values, err := readQuery(r, append([]string{"after"}, auditFilters...)...)
	if err != nil {
		return err
	}
	_, query, err := auditFilter(values)
	if err != nil {
		return err
	}
	var after int64
	if values.Has("after") {
		after, err = strconv.ParseInt(values.Get("after"), 10, 64)
		if err != nil || after < 0 {
			return badQuery(fields.Problem{Field: "after", Code: fields.ProblemOutOfRange, Message: "after has to be the sequence of an entry, a whole number."})
		}
	}
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", ndjson)
		w.WriteHeader(http.StatusOK)
		return nil
	}
	begun := false
	begin := func() {
		if !begun {
			begun = true
			w.Header().Set("Content-Type", ndjson)
			w.Header().Set("Content-Disposition", `attachment; filename="audit.ndjson"`)
			w.WriteHeader(http.StatusOK)
		}
	}
	control := http.NewResponseController(w)
	renewed := time.Time{}
	err = service.ExportAudit(r.Context(), query, after, func(line audit.Line) error {
		begin()
		if now := time.Now(); now.Sub(renewed) > time.Second {
			renewed = now
			_ = control.SetWriteDeadline(now.Add(streamPatience))
		}
		text, err := json.Marshal(line)
		if err != nil {
			return err
		}
		_, err = w.Write(append(text, '\n'))
		return err
	})
	switch {
	case err == nil:
		begin()
		return nil
	case !begun:
		return err
	}
	d.told(r, err)
	panic(http.ErrAbortHandler)
}

// auditPage is the page on which the audit trail is searched.
func (d *door) auditPage(w http.ResponseWriter, r *http.Request, service api.Service) error {
	start := d.blank(r, service)
	start.Audit = &audit.Start{Page: shownAudit(audit.Page{})}
	status := http.StatusOK
	values := r.URL.Query()
	for _, name := range auditFilters {
		if values.Get(name) == audit.Any {
			values.Del(name)
		}
	}
	filter, query, err := auditFilter(values)
	if err == nil {
		start.Audit.Filter = filter
		start.Audit.Page, err = service.Audit(r.Context(), query)
		start.Audit.Page = shownAudit(start.Audit.Page)
	}
	if err == nil {
		err = titles(r, service, &start)
	}
	if err != nil {
		p := d.told(r, err)
		status, start.Failure = p.Status, p.Detail
		if len(p.Errors) > 0 {
			start.Failure = p.Errors[0].Message
		}
	}
	return d.writeShell(w, status, localeOf(r).Text("audit"), start)
}
