package app

import (
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// rowsOfAKey is how many rows PageUp and PageDown move.
const rowsOfAKey = 10

// moveFocus moves the focus by the keys of a grid. The table stays a plain one for screen
// readers, whose own keys for tables those of a grid would replace: they pass these on only
// when they are told to.
func (t *listTable) moveFocus(event goapp.Event) {
	for _, modifier := range []string{"altKey", "ctrlKey", "metaKey", "shiftKey"} {
		if event.Get(modifier).Bool() {
			return
		}
	}
	if to := t.focusAfter(t.page.document.Focused(), event.Get("key").String()); to != "" {
		event.PreventDefault() // the page does not scroll
		t.page.document.Focus(to)
	}
}

// focusAfter returns the ID of the link or checkbox to which a key leads from another one,
// or "". Up and down stay in the column; left and right change it.
func (t *listTable) focusAfter(focused, key string) string {
	column := rowID
	id, found := strings.CutPrefix(focused, rowID(""))
	if !found {
		column = boxID
		id, found = strings.CutPrefix(focused, boxID(""))
	}
	at, last := slices.IndexFunc(t.list.items, hasID(id)), len(t.list.items)-1
	if !found || at < 0 {
		return ""
	}
	switch key {
	case "ArrowDown":
		return column(t.list.items[min(at+1, last)].ID)
	case "ArrowUp":
		return column(t.list.items[max(at-1, 0)].ID)
	case "PageDown":
		return column(t.list.items[min(at+rowsOfAKey, last)].ID)
	case "PageUp":
		return column(t.list.items[max(at-rowsOfAKey, 0)].ID)
	case "Home":
		return column(t.list.items[0].ID)
	case "End":
		return column(t.list.items[last].ID)
	case "ArrowRight":
		return rowID(id)
	case "ArrowLeft":
		if t.selection.offered() {
			return boxID(id)
		}
	}
	return ""
}
