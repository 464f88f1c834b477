package trail

import (
	"context"
	"errors"
	"strconv"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

const (
	// scanSpan is how many entries one query scans. It takes a few hundredths of
	// a second, during which a database reader is occupied.
	scanSpan = 20_000

	// maxScans is how many queries one page may take. When they find too little,
	// the page carries a cursor to continue from.
	maxScans = 50

	// Entries per page.
	defaultPageSize = 50
	maxPageSize     = 200
)

// Audit implements audit.Service.
func (b CallerTrail) Audit(ctx context.Context, query audit.Query) (audit.Page, error) {
	page := audit.Page{Entries: []audit.Entry{}, Names: map[string]string{}}
	if err := b.trail.config.Authorizer.Authorize(ctx, b.caller, paycor.RightAdmin, audit.ActionAudit, ""); err != nil {
		return page, err
	}
	limit := min(query.Limit, maxPageSize)
	if limit <= 0 {
		limit = defaultPageSize
	}
	from, err := parseCursor(query.Cursor)
	if err != nil {
		return page, err
	}
	for range maxScans {
		var found []audit.Entry
		err := b.trail.config.Store.List(ctx, b.caller, func(r Reader) (err error) {
			scan := store.AuditScan{From: from, MaxScanned: scanSpan, Limit: limit - len(page.Entries)}
			found, from, err = r.SearchAudit(b.caller.Workspace, query, scan)
			lost, err := store.Lost(err)
			if err != nil {
				return err
			}
			page.Unreadable += lost
			return b.addNames(r, found, page.Names)
		})
		if err != nil {
			return page, err
		}
		for _, entry := range found {
			if b.mayRead(entry) {
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

// addNames adds the names of the entries' credentials that still exist.
func (b CallerTrail) addNames(r Reader, entries []audit.Entry, names map[string]string) error {
	for _, entry := range entries {
		if _, known := names[entry.Credential]; known || entry.Credential == "" || !b.mayRead(entry) {
			continue
		}
		credential, err := r.Credential(b.caller.Workspace, entry.Credential)
		switch {
		case err == nil:
			names[entry.Credential] = credential.Name
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	return nil
}

func parseCursor(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	from, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || from < 1 {
		return 0, paycor.Errorf(paycor.KindMalformed, "error.audit-cursor")
	}
	return from, nil
}
