package app

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// What a name pattern replaces by the legal entity's name and ID.
const (
	patternEntity = "{entity}"
	patternID     = "{id}"
)

// batchAtOnce is how many credentials are saved at once, so that a company with many
// legal entities does not wait for one after the other.
const batchAtOnce = 4

// entityBatch adds one credential for each of several legal entities that Paycor lists.
// They use one application: the first is saved with the typed secrets, the others with
// those saved then.
type entityBatch struct {
	editor  *editor
	active  bool
	search  string
	pattern string // of the names
	ticked  map[int32]bool
	results map[int32]batchResult
	keys    map[int32]string // Idempotency-Key of each, for what is typed now
	saver   string           // ID of the application whose secrets the further ones use; empty before the first is saved

	running     context.Context // of the run under way; nil for none
	queue       []batchDraft    // of the run: what was not sent yet
	sent        int             // of the run: how many saves are under way
	ended       bool            // whether the further ones of the run would fail, too
	done, total int             // of the run
	missing     int             // how many the last run did not save
	reason      string          // why the last run ended early; empty if it did not, or if a failure says it
}

// batchDraft is what to save for one legal entity.
type batchDraft struct {
	entity int32
	draft  paycor.Draft
}

// batchResult is what became of one legal entity.
type batchResult struct {
	saved   paycor.Credential // the zero value if it was not saved
	failure string            // why not; empty if it was not tried
}

func (b *entityBatch) reset() { *b = entityBatch{editor: b.editor} }

// newValues makes the next run save other values than the last.
func (b *entityBatch) newValues() { b.keys = nil }

// start lets the person tick several legal entities.
func (b *entityBatch) start() {
	e := b.editor
	b.active, b.ticked, b.results, b.pattern = true, map[int32]bool{}, map[int32]batchResult{}, patternEntity
	if name := strings.TrimSpace(e.Value(fields.Name)); name != "" && e.operation == opCreate {
		b.pattern = name + " " + patternEntity
	}
	e.resetAttempt()
	e.Loop.AfterRender(func() {
		e.Document.SetValue(batchNamesID, b.pattern)
		e.Document.Focus("batch-all")
	})
}

// end goes back to one legal entity.
func (b *entityBatch) end() {
	b.active = false
	b.editor.resetAttempt()
	b.editor.Loop.AfterRender(func() { b.editor.Document.Focus("batch-start") })
}

// savedAs returns the name of the credential that exists for a legal entity, or "".
func (b *entityBatch) savedAs(entity verdicts.LegalEntity) string {
	if result := b.results[entity.ID]; result.saved.ID != "" {
		return result.saved.Name
	}
	for _, known := range b.editor.application.found {
		for _, credential := range known.Credentials {
			if credential.LegalEntityID == entity.ID {
				return credential.Name
			}
		}
	}
	return ""
}

// shown returns the legal entities that match the search.
func (b *entityBatch) shown() []verdicts.LegalEntity {
	search := strings.ToLower(strings.TrimSpace(b.search))
	return slices.DeleteFunc(slices.Clone(b.editor.entities.found), func(entity verdicts.LegalEntity) bool {
		return !strings.Contains(strings.ToLower(entity.Name), search) && !strings.Contains(strconv.Itoa(int(entity.ID)), search)
	})
}

// tickShown ticks or clears every legal entity that is shown and not saved yet.
func (b *entityBatch) tickShown(ticked bool) {
	for _, entity := range b.shown() {
		b.tick(entity, ticked)
	}
}

func (b *entityBatch) tick(entity verdicts.LegalEntity, ticked bool) {
	b.ticked[entity.ID] = ticked && b.savedAs(entity) == ""
	b.editor.RemoveProblems(fields.LegalEntityID)
}

// chosen returns the ticked legal entities that have no credential yet, in Paycor's order.
func (b *entityBatch) chosen() []verdicts.LegalEntity {
	return slices.DeleteFunc(slices.Clone(b.editor.entities.found), func(entity verdicts.LegalEntity) bool {
		return !b.ticked[entity.ID] || b.savedAs(entity) != ""
	})
}

// nameOf returns the name of the credential for a legal entity.
func (b *entityBatch) nameOf(entity verdicts.LegalEntity) string {
	id := strconv.Itoa(int(entity.ID))
	name := entity.Name
	if name == "" {
		name = b.editor.page.say("fact.entity.id", id) // Paycor's list has no names; the server asks for some
	}
	return strings.NewReplacer(patternEntity, name, patternID, id).Replace(strings.TrimSpace(b.pattern))
}

// drafts returns what to save for legal entities. Names that several would have get the
// ID appended.
func (b *entityBatch) drafts(of []verdicts.LegalEntity) []paycor.Draft {
	names := map[string]int{}
	for _, entity := range b.editor.entities.found {
		names[b.nameOf(entity)]++
	}
	drafts, typed := make([]paycor.Draft, len(of)), b.editor.draft()
	for i, entity := range of {
		drafts[i] = typed
		drafts[i].LegalEntityID = paycor.TypedID(strconv.Itoa(int(entity.ID)))
		if drafts[i].Name = b.nameOf(entity); drafts[i].Name != "" && names[drafts[i].Name] > 1 {
			drafts[i].Name += " (" + string(drafts[i].LegalEntityID) + ")"
		}
	}
	return drafts
}

// save saves a credential for each ticked legal entity.
func (b *entityBatch) save() {
	e, chosen := b.editor, b.chosen()
	b.missing, b.reason = 0, ""
	if len(chosen) == 0 {
		e.Problems = []fields.Problem{{Field: fields.LegalEntityID, Code: fields.ProblemRequired, Message: message.New("batch.none")}}
		e.FocusSummary()
		return
	}
	drafts, rules := b.drafts(chosen), e.rules()
	if b.saver != "" {
		rules.Stored = applicationSecrets
	}
	for _, draft := range drafts {
		if !e.check(draft, rules) {
			return
		}
	}
	b.run(chosen, drafts)
}

// run saves the drafts: the first by itself, because it makes the application, then
// several at once. Cancel sends no further ones, because a save that is under way cannot
// be undone.
func (b *entityBatch) run(chosen []verdicts.LegalEntity, drafts []paycor.Draft) {
	e := b.editor
	ctx := e.Start(e.page.ctx, true)
	b.running, b.queue, b.sent, b.ended, b.done, b.total = ctx, nil, 0, false, 0, len(chosen)
	if b.keys == nil {
		b.keys = map[int32]string{}
	}
	for i, entity := range chosen {
		if b.results[entity.ID] = (batchResult{}); b.keys[entity.ID] == "" {
			b.keys[entity.ID] = newKey()
		}
		b.queue = append(b.queue, batchDraft{entity.ID, drafts[i]})
	}
	options := paycor.CreateOptions{AcceptWarnings: e.acceptWarnings, ApplicationID: cmp.Or(b.saver, e.application.used)}
	for range b.atOnce() {
		b.next(ctx, options)
	}
}

// atOnce returns how many saves may be under way.
func (b *entityBatch) atOnce() int {
	if b.saver == "" {
		return 1
	}
	return batchAtOnce
}

// next saves the next draft and goes on with the others.
func (b *entityBatch) next(ctx context.Context, options paycor.CreateOptions) {
	e := b.editor
	if b.running != ctx { // it has finished, or the overlay was closed
		return
	}
	if len(b.queue) == 0 || b.ended || ctx.Err() != nil {
		if b.sent == 0 {
			b.finish(len(b.queue), ctx.Err() != nil)
		}
		return
	}
	entity, draft := b.queue[0].entity, b.queue[0].draft
	b.queue = b.queue[1:]
	b.sent++
	options.IdempotencyKey = b.keys[entity]
	if options.ApplicationID != "" {
		draft.ClientSecret, draft.SubscriptionKey = paycor.Secret{}, paycor.Secret{}
	}
	e.Loop.Async(func() {
		saved, err := e.page.service.Create(e.page.ctx, draft, options)
		e.Loop.Update(func() {
			if err == nil {
				e.page.changes.broadcast(events.Change{ID: saved.ID, Action: audit.ActionCreate})
				e.page.host.reportChange(audit.ActionCreate, saved.Credential)
			}
			if b.running != ctx { // the overlay was closed meanwhile
				return
			}
			b.sent--
			b.done++
			if err != nil {
				b.results[entity] = batchResult{failure: e.page.errorText(err)}
			} else {
				b.results[entity] = batchResult{saved: saved.Credential}
				b.saver, options.ApplicationID = saved.ApplicationID, saved.ApplicationID
			}
			b.ended = b.ended || b.endsAt(saved, err)
			for range b.atOnce() - b.sent {
				b.next(ctx, options)
			}
		})
	})
}

// endsAt reports whether the further ones would fail like this one.
func (b *entityBatch) endsAt(saved paycor.Saved, err error) bool {
	if err != nil {
		kind := paycor.KindOf(err)
		return b.saver == "" || kind != paycor.KindInvalid && kind != paycor.KindConflict
	}
	if saved.Verdict == nil || saved.Verdict.AcceptsSecrets() {
		return false
	}
	b.reason = b.editor.page.sentence(saved.Verdict.Message)
	return true
}

// finish shows what was saved. untried is how many were left.
func (b *entityBatch) finish(untried int, stopped bool) {
	e, p := b.editor, b.editor.page
	e.Finish()
	b.running = nil
	var saved []paycor.Credential
	for _, entity := range e.entities.found {
		if result := b.results[entity.ID]; result.saved.ID != "" {
			saved = append(saved, result.saved)
			b.ticked[entity.ID] = false
		}
	}
	if p.list != nil {
		p.list.refresh()
	}
	b.missing = len(b.chosen())
	if b.missing > 0 {
		e.stopped = stopped
		e.FocusSummary()
		return
	}
	e.Close()
	p.setStatus(batchText(p.words, saved), nil)
}

// batchText says how many credentials were saved, and in which states.
func batchText(w words, saved []paycor.Credential) string {
	states := map[paycor.State]int{}
	for _, credential := range saved {
		states[credential.State]++
	}
	if states[paycor.StateVerified] == len(saved) {
		return w.count(len(saved), "batch.saved.verified")
	}
	var parts []string
	for _, state := range []paycor.State{paycor.StateVerified, paycor.StateNeedsActivation, paycor.StateRejected, paycor.StateNotReachable, paycor.StateNotVerified} {
		if states[state] > 0 {
			parts = append(parts, w.say("batch.state", w.number(states[state]), w.say("state."+string(state))))
		}
	}
	return w.say("list.sentences", w.count(len(saved), "batch.saved"), strings.Join(parts, ", ")+".")
}
