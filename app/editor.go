package app

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// mode is what the overlay is open for.
type mode int

const (
	adding mode = iota
	editing
	duplicating
)

// work is what the overlay is doing.
type work int

const (
	idle work = iota
	verifying
	saving
)

// stop is why a Save has stopped and can be pressed through.
type stop int

const (
	nothing   stop = iota
	swapped        // values look like another field's
	unsettled      // Paycor did not say yes
	alike          // it is saved already
)

// editorID is the overlay's dialog.
const editorID = "editor"

// editor is the state of the overlay: "Add New Credential" and, over a stored
// credential, "Edit Credential". What is typed stands in the document only and
// is read when it is needed, so that no rendering can overwrite it and no
// secret stays here.
type editor struct {
	page   *Page
	mode   mode
	base   paycor.Credential // what is edited or was duplicated, as it was at opening
	match  string            // ETag a Save is made upon, where base's is stale
	open   bool
	inView bool   // the browser shows it: before, a "close" is the last opening's
	opener string // id of the element that has the focus back at closing
	dirty  bool   // something was typed
	asking bool   // whether to discard it

	environment string // the chosen one, for the guide's links
	replacing   map[fields.Field]bool
	shown       map[fields.Field]bool // secrets that are readable while typed

	problems []fields.Problem
	warnings []fields.Problem
	mended   map[fields.Field]string // what "Remove it for me" removed
	failure  string                  // why nothing came of the last attempt
	session  bool                    // because the session ended

	work     work
	cancel   context.CancelFunc
	steps    []verdicts.Step
	verdict  *verdicts.Verdict
	stopped  stop
	activate bool // go on to the activation once it is saved
	accepted bool // the warnings, for what is typed now
	twice    bool // saving what is saved already, for what is typed now
	same     []paycor.Duplicate
	theirs   []string // what somebody else made of fields that are changed here too
	key      string   // Idempotency-Key of what is typed now

	peer *peerCheck
	slow bool // Paycor takes long to answer

	finding  bool
	found    []verdicts.LegalEntity
	findNote string
}

func newEditor(p *Page) *editor {
	e := &editor{page: p, environment: p.start.Preferred}
	e.peer = e.newPeerCheck()
	e.forget()
	if p.start.Credential != nil {
		// Its own page: the overlay is rendered ready for "Edit".
		e.mode, e.base, e.environment = editing, *p.start.Credential, p.start.Credential.Environment
	}
	return e
}

// forget drops all that belongs to one opening.
func (e *editor) forget() {
	if e.dirty {
		e.page.sendToHost("dirty", map[string]any{"dirty": false})
	}
	e.dirty, e.asking, e.work, e.stopped, e.activate, e.accepted, e.key = false, false, idle, nothing, false, false, ""
	e.replacing, e.shown, e.mended = map[fields.Field]bool{}, map[fields.Field]bool{}, map[fields.Field]string{}
	e.problems, e.warnings, e.failure, e.session = nil, nil, "", false
	e.steps, e.verdict, e.cancel = nil, nil, nil
	e.twice, e.same, e.theirs = false, nil, nil
	e.finding, e.found, e.findNote, e.slow = false, nil, "", false
	e.peer.reset()
}

// draft is what the fields hold at opening.
func (e *editor) draft() paycor.Draft {
	switch e.mode {
	case editing:
		return e.base.Draft()
	case duplicating:
		draft := e.base.Draft()
		draft.Name = say("duplicate.name", draft.Name)
		draft.RotateBy = "" // that was the date of the other's secrets
		return draft
	}
	return paycor.Draft{Environment: e.page.start.Preferred, Grant: paycor.GrantClientCredentials}
}

// formFields are the overlay's, in the order of the form.
func formFields() []fields.Field {
	var names []fields.Field
	for _, spec := range paycor.FieldTable() {
		names = append(names, spec.Field)
	}
	return names
}

// prefill puts the draft into the document's fields.
func (e *editor) prefill() {
	draft := e.draft()
	for _, field := range formFields() {
		e.page.document.SetValue(inputID(field), draft.Value(field))
	}
}

// begin opens the overlay.
func (e *editor) begin(mode mode, base paycor.Credential, opener string) {
	if e.open {
		return
	}
	e.forget()
	e.mode, e.base, e.opener, e.open = mode, base, opener, true
	e.environment = e.draft().Environment
	e.page.setStatus("", nil)
	e.page.loop.AfterRender(func() {
		e.prefill()
		e.page.document.ShowModal(editorID)
		e.inView = true
		e.page.document.Focus(inputID(fields.Name))
	})
}

// adopt takes over an overlay that was opened before the program came.
func (e *editor) adopt(opener string, dirty bool) {
	e.open, e.inView, e.opener, e.dirty = true, true, opener, dirty
	if chosen := e.page.document.Value(inputID(fields.Environment)); chosen != "" {
		e.environment = chosen
	}
}

// changed notes that something was typed or chosen.
func (e *editor) changed(id string) {
	if !e.dirty {
		e.page.sendToHost("dirty", map[string]any{"dirty": true})
	}
	e.dirty, e.accepted, e.key = true, false, ""
	e.peer.reset()
	switch id {
	case inputID(fields.Name), inputID(fields.Environment), inputID(fields.ClientID), inputID(fields.LegalEntityID):
		e.twice = false
	}
	switch id {
	case inputID(fields.Environment):
		e.environment = e.page.document.Value(id)
		fallthrough
	case inputID(fields.ClientID), inputID(fields.ClientSecret), inputID(fields.SubscriptionKey):
		e.found = nil // it was Paycor's answer about other values
		if !e.finding {
			e.findNote = ""
		}
	}
	for _, field := range formFields() {
		if id == inputID(field) {
			delete(e.mended, field)
		}
	}
}

// leave is Cancel and Escape: it stops what runs, asks when something was
// typed, and closes otherwise.
func (e *editor) leave() {
	switch {
	case !e.open:
	case e.work == saving:
		// The save is on its way: its answer is a moment off and tells more.
	case e.work == verifying || e.finding:
		e.cancel()
	case e.asking:
		e.stay()
	case e.dirty:
		e.asking = true
		e.page.loop.AfterRender(func() { e.page.document.Focus("stay") })
	default:
		e.close()
	}
}

// stay goes on after the question whether to discard.
func (e *editor) stay() {
	e.asking = false
	e.page.loop.AfterRender(func() { e.page.document.Focus(inputID(fields.Name)) })
}

// close closes the overlay and wipes its fields in the document.
func (e *editor) close() {
	if e.cancel != nil {
		e.cancel()
	}
	for _, field := range formFields() {
		e.page.document.SetValue(inputID(field), "")
	}
	opener := e.opener
	e.open, e.inView, e.opener = false, false, ""
	e.forget()
	e.page.document.Close(editorID)
	e.page.loop.Wipe()
	if opener != "" {
		e.page.loop.AfterRender(func() { e.page.document.Focus(opener) })
	}
}

// closed is told when the browser has closed the dialog. That event comes
// late: it may be about a closing before the present opening.
func (e *editor) closed(showing bool) {
	if e.open && e.inView && !showing {
		e.close()
	}
}

// stored are the secrets that are kept when their field is left alone.
func (e *editor) stored() []fields.Field {
	if e.mode != editing {
		return nil
	}
	var stored []fields.Field
	if e.base.HasClientSecret {
		stored = append(stored, fields.ClientSecret)
	}
	if e.base.HasSubscriptionKey {
		stored = append(stored, fields.SubscriptionKey)
	}
	return stored
}

// rules are what the draft is checked by.
func (e *editor) rules() paycor.Rules {
	rules := paycor.Rules{Environments: e.page.start.Environments, Stored: e.stored()}
	if e.mode == editing {
		rules.StoredEnvironment = e.base.Environment
	}
	return rules
}

// moved reports whether a stored secret is out of reach, because another
// environment was chosen than the one it was saved for.
func (e *editor) moved(field fields.Field) bool {
	return slices.Contains(e.stored(), field) && paycor.Draft{Environment: e.environment}.Moves(e.base.Environment)
}

// kept reports whether a stored secret stands behind the field, untouched.
func (e *editor) kept(field fields.Field) bool {
	return slices.Contains(e.stored(), field) && !e.replacing[field] && !e.moved(field)
}

// replace opens a configured secret for a new value, or keeps the saved one.
func (e *editor) replace(field fields.Field, replacing bool) {
	e.replacing[field], e.shown[field] = replacing, false
	e.page.document.SetValue(inputID(field), "")
	e.accepted, e.key = false, ""
	e.problems = slices.DeleteFunc(slices.Clone(e.problems), func(p fields.Problem) bool { return p.Field == field })
	focus := inputID(field)
	if !replacing {
		focus = "replace-" + string(field)
	} else {
		e.dirty = true
	}
	e.page.loop.AfterRender(func() { e.page.document.Focus(focus) })
}

// read takes what is typed out of the document.
func (e *editor) read() paycor.Draft {
	value := func(field fields.Field) string {
		if e.kept(field) {
			return ""
		}
		return e.page.document.Value(inputID(field))
	}
	var draft paycor.Draft
	for _, spec := range paycor.FieldTable() {
		spec.Set(&draft, value(spec.Field))
	}
	return draft.Clean()
}

// mend takes away what came along with the copying of a value, and says what.
func (e *editor) mend(field fields.Field) {
	mended, soil := paycor.MendField(field, e.page.document.Value(inputID(field)))
	if len(soil) == 0 {
		return
	}
	e.page.document.SetValue(inputID(field), mended)
	e.changed(inputID(field))
	e.mended[field] = say("fix.done", removed(soil))
	e.problems = slices.DeleteFunc(slices.Clone(e.problems), func(p fields.Problem) bool { return p.Field == field })
	e.page.document.Focus(inputID(field))
}

// removed names what mending took away.
func removed(soil []paycor.Soil) string {
	rest := make([]string, len(soil))
	for i, s := range soil {
		rest[i] = sentence(s.Rest())
	}
	return strings.Join(rest, ", ")
}

// idempotencyKey returns the key of what is typed now: a repeated Save of the
// same saves once.
func (e *editor) idempotencyKey() string {
	if e.key == "" {
		e.key = rand.Text()
	}
	return e.key
}
