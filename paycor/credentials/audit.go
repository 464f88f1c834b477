package credentials

import (
	"context"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"strconv"
)

const (
	// auditSpan is how many entries one look goes through: a few hundredths of
	// a second, for which a reader is held.
	auditSpan = 20_000

	// auditLooks is how many looks one page of the trail may take. Where they
	// find too little, the page says where to look on.
	auditLooks = 50

	// The entries of a page.
	defaultAudit = 50
	mostAudit    = 200
)

// Audit implements audit.Service.
func (s *service) Audit(ctx context.Context, query audit.Query) (audit.Page, error) {
	page := audit.Page{Entries: []audit.Entry{}, Names: map[string]string{}}
	if err := s.may(ctx, paycor.RightAdmin, audit.ActionAudit, ""); err != nil {
		return page, err
	}
	limit := min(query.Limit, mostAudit)
	if limit <= 0 {
		limit = defaultAudit
	}
	from, err := auditCursor(query.Cursor)
	if err != nil {
		return page, err
	}
	for range auditLooks {
		var found []audit.Entry
		err := s.config.Store.View(ctx, func(r store.Reader) (err error) {
			look := store.AuditLook{From: from, Span: auditSpan, Limit: limit - len(page.Entries)}
			if found, from, err = r.SearchAudit(s.caller.Workspace, query, look); err != nil {
				return err
			}
			return s.nameCredentials(r, found, page.Names)
		})
		if err != nil {
			return page, err
		}
		for _, entry := range found {
			if s.mayRead(entry) {
				page.Entries = append(page.Entries, entry)
			}
		}
		if from == 0 || len(page.Entries) == limit {
			break
		}
	}
	if from != 0 {
		page.Next = strconv.FormatInt(from, 10)
	}
	return page, nil
}

// mayRead reports whether an entry is within the caller's allow-list. Whoever
// has one sees nothing of what concerns no credential.
func (s *service) mayRead(entry audit.Entry) bool {
	return len(s.caller.Credentials) == 0 || entry.Credential != "" && s.caller.MayTouch(entry.Credential)
}

// nameCredentials adds the names of the entries' credentials that still are.
func (s *service) nameCredentials(r store.Reader, entries []audit.Entry, names map[string]string) error {
	for _, entry := range entries {
		if _, known := names[entry.Credential]; known || entry.Credential == "" || !s.mayRead(entry) {
			continue
		}
		credential, err := r.Credential(s.caller.Workspace, entry.Credential)
		switch {
		case err == nil:
			names[entry.Credential] = credential.Name
		case err != store.ErrNotFound:
			return err
		}
	}
	return nil
}

func auditCursor(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	from, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || from < 1 {
		return 0, paycor.Errorf(paycor.KindMalformed, "cursor is none that this server gave. Take next_cursor of the page before.")
	}
	return from, nil
}

// ExportAudit implements audit.Service.
func (s *service) ExportAudit(ctx context.Context, query audit.Query, after int64, each func(audit.Line) error) error {
	if err := s.may(ctx, paycor.RightAdmin, audit.ActionAuditExport, ""); err != nil {
		return err
	}
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionAuditExport, Outcome: "done"})
	})
	if err != nil {
		return err
	}
	for {
		var lines []audit.Line
		err := s.config.Store.View(ctx, func(r store.Reader) (err error) {
			look := store.AuditLook{From: after, Span: auditSpan, Limit: 1000}
			lines, after, err = r.AuditLines(s.caller.Workspace, query, look)
			return err
		})
		if err != nil {
			return err
		}
		for _, line := range lines {
			if !s.mayRead(line.Entry) {
				continue
			}
			if err := each(line); err != nil {
				return err
			}
		}
		if after == 0 {
			return nil
		}
	}
}
