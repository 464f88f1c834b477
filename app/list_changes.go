package app

import (
	"cmp"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
)

// maxChangedTiles is up to how many changed tiles are read by themselves. The whole list
// costs less than more of them.
const maxChangedTiles = 50

// apply shows changes that others made: it reads the changed tiles only, and none for a
// credential that is not shown and did not come, go or get another name.
func (l *credentialList) apply(changes []events.Change) {
	if l.busy > 0 { // its response may be older than the changes
		l.waiting = append(l.waiting, changes...)
		return
	}
	changed, recount, whole := []string{}, false, l.state != listReady
	for _, change := range changes {
		switch {
		case change.Missed:
			whole = true
		case change.ID == "" || slices.Contains(changed, change.ID):
		case slices.ContainsFunc(l.items, hasID(change.ID)):
			changed = append(changed, change.ID)
		case change.Action == audit.ActionDelete:
			recount = true
		case change.Action == audit.ActionCreate && l.search == "":
			changed, recount = append(changed, change.ID), true
		case change.Action == audit.ActionCreate, change.Action == audit.ActionUpdate, change.Action == audit.ActionShare:
			whole = true // it may belong to the list now
		}
	}
	switch {
	case whole || len(changed) > maxChangedTiles:
		l.refresh()
	case len(changed) > 0 || recount:
		l.readTiles(changed, recount)
	}
}

// applyWaiting applies the changes that came during a request.
func (l *credentialList) applyWaiting() {
	if changes := l.waiting; l.busy == 0 && len(changes) > 0 {
		l.waiting = nil
		l.apply(changes)
	}
}

// readTiles reads some credentials and shows them, and counts all if some came or went.
// One that is gone, or that the caller no longer sees, loses its tile.
func (l *credentialList) readTiles(ids []string, recount bool) {
	l.busy++
	refreshes, search := l.refreshes, l.search
	l.page.loop.Async(func() {
		var page, all paycor.CredentialPage
		var err error
		if len(ids) > 0 {
			page, err = l.page.service.Credentials(l.page.ctx, paycor.Query{IDs: ids, Limit: len(ids)})
		}
		if err == nil && recount {
			all, err = l.page.service.Credentials(l.page.ctx, paycor.Query{Search: search, Limit: 1})
		}
		l.page.loop.Update(func() {
			l.busy--
			defer l.applyWaiting()
			switch {
			case refreshes != l.refreshes: // the whole list is read after the changes
			case err != nil:
				l.failure = l.page.errorText(err)
			default:
				l.replaceTiles(ids, page.Credentials)
				if recount {
					l.total, l.many = all.Total, all.TotalIsMinimum
				}
			}
		})
	})
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
			l.total--
		case at >= 0:
			items = l.place(items, shown, now[at])
		}
	}
	l.items = items
	if gone := l.selected; gone.ID != "" && slices.ContainsFunc(before, hasID(gone.ID)) && !slices.ContainsFunc(now, hasID(gone.ID)) && slices.Contains(ids, gone.ID) {
		l.page.setStatus(l.page.say("list.selected-gone", gone.Name), nil)
		l.selected = paycor.Credential{}
	}
	l.moved(before)
}

// place puts a credential where the server lists it, or leaves it out if that is beyond
// the tiles that are loaded. shown is its index, or negative.
func (l *credentialList) place(items []paycor.Credential, shown int, credential paycor.Credential) []paycor.Credential {
	if shown >= 0 {
		if paycor.NameKey(items[shown].Name) == paycor.NameKey(credential.Name) {
			items[shown] = credential
			return items
		}
		items = slices.Delete(items, shown, shown+1)
	}
	at, _ := slices.BinarySearchFunc(items, credential, compareTiles)
	if at == len(items) && l.next != "" {
		return items
	}
	return slices.Insert(items, at, credential)
}

// compareTiles orders credentials as the server lists them.
func compareTiles(a, b paycor.Credential) int {
	return cmp.Or(cmp.Compare(paycor.NameKey(a.Name), paycor.NameKey(b.Name)), cmp.Compare(a.ID, b.ID))
}

func hasID(id string) func(paycor.Credential) bool {
	return func(c paycor.Credential) bool { return c.ID == id }
}
