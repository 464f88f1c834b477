package app

import (
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
)

// maxChangedTiles is up to how many changed tiles are read by themselves. The whole list
// costs less than more of them.
const maxChangedTiles = 50

// apply shows changes that others made: it reads the changed tiles only, those that may
// belong to the list now, and the counts.
func (l *credentialList) apply(changes []events.Change) {
	// The response to a request may be older than the changes, and what a run changes is read
	// once, at its end.
	if l.busy > 0 || l.table.bulk.running() {
		l.waiting = append(l.waiting, changes...)
		return
	}
	var changed []string
	recount, whole := false, l.state != listReady
	for _, change := range changes {
		shown := slices.ContainsFunc(l.items, hasID(change.ID))
		switch {
		case change.Missed:
			whole = true
		case change.ID == "" || slices.Contains(changed, change.ID):
		case change.Action == audit.ActionDelete && !shown:
			recount = true
		case shown || l.filters.query.Narrows() || mayBelong(change.Action):
			changed = append(changed, change.ID)
		case change.Action == audit.ActionVerify:
			recount = true // its state may be another one
		}
		if change.Action == audit.ActionDelete && change.ID != "" && change.ID == l.selected.ID {
			l.dropSelection()
		}
	}
	switch {
	case whole || len(changed) > maxChangedTiles:
		l.refresh()
	case len(changed) > 0 || recount:
		l.readTiles(changed)
	}
}

// mayBelong reports whether a credential that the list did not have may belong to it after
// an action.
func mayBelong(action audit.Action) bool {
	return action == audit.ActionCreate || action == audit.ActionUpdate || action == audit.ActionShare
}

// applyWaiting applies the changes that came during a request.
func (l *credentialList) applyWaiting() {
	if changes := l.waiting; l.busy == 0 && !l.table.bulk.running() && len(changes) > 0 {
		l.waiting = nil
		l.apply(changes)
	}
}

// readTiles reads some credentials and the counts, and shows them. One that is gone, that
// the caller no longer sees, or that the list does not find any more, loses its tile.
// Without any, it reads the counts only.
func (l *credentialList) readTiles(ids []string) {
	l.busy++
	refreshes, query := l.refreshes, l.pageQuery("", max(len(ids), 1))
	query.IDs = ids
	partial := query.Narrows() && l.next != ""
	l.page.loop.Async(func() {
		page, err := l.page.service.Credentials(l.page.ctx, query)
		all := page
		if err == nil && len(ids) > 0 && partial { // the counts do not say how many match
			query.IDs, query.Limit, query.WithCounts = nil, 1, false
			all, err = l.page.service.Credentials(l.page.ctx, query)
		}
		l.page.loop.Update(func() {
			l.busy--
			defer l.applyWaiting()
			switch {
			case refreshes != l.refreshes: // the whole list is read after the changes
			case err != nil:
				l.failure = l.page.errorText(err)
			default:
				l.filters.showCounts(page.Counts)
				if len(ids) > 0 {
					l.replaceTiles(ids, page.Credentials)
				}
				l.recount(all, partial || len(ids) == 0)
			}
		})
	})
}

// recount updates how many credentials match. counted says that the page has all matches.
func (l *credentialList) recount(page paycor.CredentialPage, counted bool) {
	switch {
	case l.next == "" && l.table.before == nil:
		l.total, l.many = len(l.items), false
	case counted:
		l.total, l.many = page.Total, page.TotalIsMinimum
	case l.filters.counts != nil:
		l.total, l.many = l.filters.counts.Total, false
	}
}

// replaceTiles shows credentials instead of those with some ids.
func (l *credentialList) replaceTiles(ids []string, now []paycor.Credential) {
	before := l.items
	items := slices.Clone(l.items)
	for _, id := range ids {
		at := slices.IndexFunc(now, hasID(id))
		shown := slices.IndexFunc(items, hasID(id))
		switch {
		case at < 0 && shown >= 0:
			items = slices.Delete(items, shown, shown+1)
		case at >= 0:
			items = l.place(items, shown, now[at])
		}
	}
	l.items = items
	if gone := l.selected; gone.ID != "" && !l.filters.query.Narrows() && slices.ContainsFunc(before, hasID(gone.ID)) && !slices.ContainsFunc(now, hasID(gone.ID)) && slices.Contains(ids, gone.ID) {
		l.dropSelection()
	}
	l.moved(before)
}

// place puts a credential where the server lists it, or leaves it out if that is beyond
// the tiles that are loaded. shown is its index, or negative.
func (l *credentialList) place(items []paycor.Credential, shown int, credential paycor.Credential) []paycor.Credential {
	if shown >= 0 {
		if l.filters.query.Compare(items[shown], credential) == 0 {
			items[shown] = credential
			return items
		}
		items = slices.Delete(items, shown, shown+1)
	}
	at, _ := slices.BinarySearchFunc(items, credential, l.filters.query.Compare)
	if at == len(items) && l.next != "" || at == 0 && l.table.before != nil { // on another page
		return items
	}
	return slices.Insert(items, at, credential)
}

func hasID(id string) func(paycor.Credential) bool {
	return func(c paycor.Credential) bool { return c.ID == id }
}
