package app

import (
	"context"
	"slices"
	"strconv"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// How many credentials are changed at once, and how many results are listed.
const (
	bulkAtOnce   = 4
	shownResults = 200
)

// bulkPause is how long a run waits if the caller may not change more at the moment.
// Tests shorten it.
var bulkPause = 3 * time.Second

// kindChangeLimit is the kind of the error for a caller who changes too much at once.
const kindChangeLimit paycor.Kind = "change_limit"

// bulkResult is what became of one credential.
type bulkResult struct {
	credential paycor.Credential
	text       string
	failed     bool
}

// bulkRun does the same to several credentials, a few at once, and keeps each result.
// Cancel begins with no further one.
type bulkRun struct {
	page    *credentialsPage
	action  bulkAction
	do      func(ctx context.Context, credential paycor.Credential) (result string, err error)
	ended   func(left []paycor.Credential) // called with those that failed or were not begun
	total   int
	queue   []paycor.Credential
	sent    int // under way
	results []bulkResult

	ctx    context.Context
	cancel context.CancelFunc
}

// start starts the run.
func (r *bulkRun) start(credentials []paycor.Credential) {
	r.ctx, r.cancel = context.WithCancel(r.page.ctx)
	r.queue, r.total = credentials, len(credentials)
	atOnce := bulkAtOnce
	if r.action == bulkImport {
		atOnce = 1 // its rows are in an order, and may be about one application
	}
	for range atOnce {
		r.next()
	}
}

// running reports whether something is under way.
func (r *bulkRun) running() bool { return r.sent > 0 }

// next begins with the next credential.
func (r *bulkRun) next() {
	if len(r.queue) == 0 || r.ctx.Err() != nil {
		if r.sent == 0 && r.ended != nil {
			ended := r.ended
			r.ended = nil
			ended(r.left())
		}
		return
	}
	credential := r.queue[0]
	r.queue = r.queue[1:]
	r.sent++
	r.page.loop.Async(func() {
		text, err := r.do(r.page.ctx, credential)
		for paycor.KindOf(err) == kindChangeLimit && r.ctx.Err() == nil {
			select {
			case <-time.After(bulkPause):
				text, err = r.do(r.page.ctx, credential)
			case <-r.ctx.Done():
			}
		}
		r.page.loop.Update(func() {
			r.sent--
			result := bulkResult{credential, text, err != nil}
			if err != nil {
				result.text = r.page.errorText(err)
			}
			r.results = append(r.results, result)
			r.next()
		})
	})
}

// left returns the credentials that failed, and those that were not begun.
func (r *bulkRun) left() []paycor.Credential {
	left := slices.Clone(r.queue)
	for _, result := range r.failures() {
		left = append(left, result.credential)
	}
	return left
}

func (r *bulkRun) failures() []bulkResult {
	return slices.DeleteFunc(slices.Clone(r.results), func(result bulkResult) bool { return !result.failed })
}

// text says how far the run is, or how it ended.
func (r *bulkRun) text() string {
	w, failed := r.page.words, len(r.failures())
	done, total := w.number(len(r.results)), w.number(r.total)
	switch {
	case r.running() && r.ctx.Err() != nil:
		return w.say("bulk.stopping")
	case r.running():
		return w.say("bulk.running", w.say("bulk."+string(r.action)), done, total)
	case len(r.queue) > 0 && r.action == bulkImport:
		return w.say("bulk.partly", w.say("bulk.import"), w.number(len(r.results)-failed), total)
	case len(r.queue) > 0:
		return w.say("bulk.stopped", w.say("bulk."+string(r.action)), w.number(len(r.results)-failed), total)
	case failed > 0:
		return w.say("bulk.partly", w.say("bulk."+string(r.action)), w.number(len(r.results)-failed), total)
	}
	return w.count(r.total, "bulk.done."+string(r.action))
}

// render renders progress and results. dismiss removes them.
func (r *bulkRun) render(dismiss func()) goapp.UI {
	w, style, icon := r.page.words, "notice good", "verified"
	if len(r.failures()) > 0 || len(r.queue) > 0 && !r.running() {
		style, icon = "notice odd", "warned"
	}
	parts := []any{dom.El("p", dom.Class("notice-title"), dom.Attr("id", "bulk-text"), dom.Attr("role", "status"), r.text())}
	if r.running() {
		style, icon = "notice", "step-running"
		parts = append(parts,
			dom.El("progress", dom.Attr("max", strconv.Itoa(r.total)), dom.Attr("value", strconv.Itoa(len(r.results))), dom.Attr("aria-labelledby", "bulk-text")),
			dom.Slot(dom.Button("", "bulk-cancel", w.say("cancel"), dom.Click("bulk-cancel", r.cancel))))
	} else {
		parts = append(parts, r.renderFailures(), dom.Slot(dom.Button("", "bulk-dismiss", w.say("bulk.dismiss"), dom.Click("bulk-dismiss", dismiss))))
	}
	parts = append(parts, r.renderResults())
	return dom.El("section", dom.Class(style, "bulk-run"), dom.Attr("aria-label", w.say("bulk.results")), dom.Icon(icon), dom.El("div", parts...))
}

// renderFailures lists what failed, and why. Those credentials stay selected.
func (r *bulkRun) renderFailures() goapp.UI {
	failures := r.failures()
	if len(failures) == 0 {
		return dom.Slot()
	}
	note := r.page.say("bulk.stay-selected")
	if r.action == bulkImport {
		note = r.page.say("bulk.not-imported")
	}
	return dom.Slot(dom.El("p", note), renderBulkResults(r.page.words, failures))
}

// renderResults lists every result.
func (r *bulkRun) renderResults() goapp.UI {
	if len(r.results) == 0 {
		return dom.Slot()
	}
	return dom.Slot(dom.El("details", dom.Attr("id", "bulk-all"), dom.El("summary", r.page.say("bulk.all")), renderBulkResults(r.page.words, r.results)))
}

func renderBulkResults(w words, results []bulkResult) goapp.UI {
	items := []any{dom.Class("bulk-results")}
	for _, result := range results[:min(len(results), shownResults)] {
		name := dom.El("span", result.credential.Name) // of one that was not saved yet
		if paycor.IsCredentialID(result.credential.ID) {
			name = dom.El("a", dom.Attr("href", pathOf(result.credential.ID)), result.credential.Name)
		}
		items = append(items, dom.El("li", name, " ", dom.El("span", dom.Class("muted"), entity(w, result.credential)), " ", dom.El("span", result.text)))
	}
	if more := len(results) - shownResults; more > 0 {
		items = append(items, dom.El("li", w.count(more, "tags.more")))
	}
	return dom.El("ul", items...)
}
