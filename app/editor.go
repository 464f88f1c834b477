package app

import (
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

const (
	editorID  = "editor"  // of the dialog; boot.js opens it before this program runs
	summaryID = "summary" // of its error summary
)

// operation is what the editor is open for.
type operation int

const (
	opCreate operation = iota
	opUpdate
	opDuplicate
)

// blocker is why a save stopped. "Save anyway" overrides most of them.
type blocker int

const (
	blockNone        blocker = iota
	blockSwapped             // values look like another field's
	blockNotVerified         // Paycor did not accept the values
	blockChanged             // the values that Paycor did not accept were changed since
	blockDuplicate           // the credential exists already
	blockReplace             // saved secrets that work would be replaced
)

// overridable reports whether "Save anyway" is offered beside Save.
func (b blocker) overridable() bool {
	return b == blockSwapped || b == blockNotVerified || b == blockDuplicate
}

// editor is the overlay "Add New Credential" and, for a saved credential, "Edit
// Credential".
type editor struct {
	form.Dialog

	page        *credentialsPage
	operation   operation
	base        paycor.Credential // what is edited or duplicated, as it was at opening
	ifMatch     string            // ETag to save with, if that of base is stale
	environment string            // the chosen one, for the links of the guide
	secrets     *storedSecrets
	application *savedApplication
	entities    *entityFinder
	batch       *entityBatch
	peer        *peerCheck
	replacement *replacement
	duplicates  *duplicateCheck
	conflict    *editConflict

	advanced     bool // the fields that few people need are shown, because one of them is typed
	stopped      bool // the person canceled the last check
	saving       bool // the save itself is in progress and cannot be canceled
	slow         bool // Paycor takes long to answer
	steps        []verdicts.Step
	blocker      blocker
	thenActivate bool   // open the activation after saving
	swapped      string // what "Swap them" did

	acceptWarnings bool   // for what is typed now
	idempotencyKey string // of what is typed now
	reportedDirty  bool   // to the embedding site
}

func newEditor(p *credentialsPage) *editor {
	e := &editor{page: p, environment: p.start.Preferred}
	e.secrets, e.entities, e.peer = &storedSecrets{editor: e}, &entityFinder{editor: e}, e.newPeerCheck()
	e.batch = &entityBatch{editor: e}
	e.replacement, e.application = &replacement{editor: e}, &savedApplication{editor: e}
	e.duplicates, e.conflict = &duplicateCheck{editor: e}, &editConflict{editor: e}
	e.Dialog = form.Dialog{
		Form: form.Form{
			Context: p.forms, Prefix: inputPrefix, SummaryID: summaryID, Fields: formFields(), Describe: func(field fields.Field) form.Input { return describeField(p.words, field) },
			Target:  e.target,
			Recheck: func() paycor.Report { return paycor.Check(e.draft(), e.rules()) },
			Cleaned: func(field fields.Field) { e.changed(inputID(field)) },
		},
		ID: editorID, SubmitID: "save", Width: "wide",
		FirstFocus: func() string { return inputID(fields.Name) },
		Submit:     e.save, Changed: e.changed, Closed: e.reset,
	}
	e.reset()
	if p.start.Credential != nil {
		// The overlay of a detail page is rendered ready for "Edit".
		e.operation, e.base, e.environment = opUpdate, *p.start.Credential, p.start.Credential.Environment
	}
	return e
}

// reset drops all state of the last opening.
func (e *editor) reset() {
	if e.reportedDirty {
		e.page.host.send("dirty", map[string]any{"dirty": false})
	}
	e.resetAttempt()
	e.reportedDirty, e.thenActivate, e.ifMatch, e.advanced = false, false, "", false
	e.acceptWarnings, e.duplicates.accepted, e.idempotencyKey = false, false, ""
	e.secrets.reset()
	e.entities.reset()
	e.application.reset()
}

// resetAttempt drops the result of the last save.
func (e *editor) resetAttempt() {
	e.ResetResult()
	e.stopped, e.saving, e.slow, e.steps, e.blocker = false, false, false, nil, blockNone
	e.duplicates.found, e.conflict.sentences = nil, nil
	e.swapped = ""
	e.peer.reset()
	e.replacement.reset()
}

// initialDraft returns the initial values of the inputs.
func (e *editor) initialDraft() paycor.Draft {
	switch e.operation {
	case opUpdate:
		return e.base.Draft()
	case opDuplicate:
		draft := e.base.Draft()
		draft.Name = e.page.say("duplicate.name", draft.Name)
		draft.RotateBy = "" // the date of the other credential's secrets
		return draft
	}
	draft := e.base.Draft() // empty, or what an embedding site suggests
	draft.Environment, draft.Grant = e.page.start.Preferred, paycor.GrantClientCredentials
	return draft
}

// prefill puts the initial values into the document's inputs.
func (e *editor) prefill() {
	draft := e.initialDraft()
	for _, field := range e.Fields {
		e.SetValue(field, draft.Value(field))
	}
}

// openFor opens the overlay. base is what is edited or duplicated.
func (e *editor) openFor(operation operation, base paycor.Credential, opener string) {
	if e.IsOpen() {
		return
	}
	e.reset()
	e.operation, e.base = operation, base
	e.environment = e.initialDraft().Environment
	if operation == opDuplicate {
		e.application.useOf(base)
	}
	e.page.setStatus("", nil)
	e.Open(opener, e.prefill)
}

// restore takes over an overlay that was opened before this program started.
func (e *editor) restore(opener string, dirty bool) {
	e.Restore(opener, dirty)
	if chosen := e.Value(fields.Environment); chosen != "" {
		e.environment = chosen
	}
	e.application.look()
}

// changed handles input in the element with an ID.
func (e *editor) changed(id string) {
	if !e.reportedDirty {
		e.page.host.send("dirty", map[string]any{"dirty": true})
	}
	e.SetDirty()
	e.reportedDirty, e.acceptWarnings, e.idempotencyKey = true, false, ""
	e.peer.reset()
	if e.blocker == blockSwapped && len(paycor.Report{Warnings: e.Warnings}.Swapped()) == 0 {
		e.blocker = blockNone
	}
	field, typed := e.FieldOf(id)
	if typed || id == batchNamesID {
		e.batch.newValues()
	}
	if typed && e.blocker == blockNotVerified && fieldSpec(field).Judged {
		e.blocker = blockChanged // what they would be saved as is not known
	}
	switch field {
	case fields.Scope, fields.Grant, fields.RotateBy:
		e.advanced = true // also once their problem is solved
	case fields.Name, fields.Environment, fields.ClientID, fields.LegalEntityID:
		e.duplicates.accepted = false
	}
	switch field {
	case fields.Environment:
		e.environment = e.Value(fields.Environment)
		e.entities.forget()
		e.application.look()
	case fields.ClientID:
		e.entities.forget()
		e.application.look()
	case fields.ClientSecret, fields.SubscriptionKey:
		e.entities.forget()
	}
}

// target returns the ID that a link to a field moves the focus to.
func (e *editor) target(field fields.Field) string {
	switch {
	case e.batch.active && field == fields.Name:
		return batchNamesID
	case e.batch.active && field == fields.LegalEntityID:
		return "batch-all"
	}
	return e.secrets.target(field)
}

// draft reads the typed values from the document.
func (e *editor) draft() paycor.Draft {
	var draft paycor.Draft
	for _, spec := range paycor.FieldTable() {
		if !e.secrets.isKept(spec.Field) {
			spec.Set(&draft, e.Value(spec.Field))
		}
	}
	return e.application.fill(draft).Clean()
}

// patch returns how the draft changes the saved credential.
func (e *editor) patch(draft paycor.Draft) paycor.Patch {
	return draft.PatchFrom(e.base.Draft().Clean())
}

// rules returns the rules to check the draft with.
func (e *editor) rules() paycor.Rules {
	rules := paycor.Rules{Environments: e.page.start.Environments, Stored: e.secrets.stored()}
	switch {
	case e.operation == opUpdate:
		rules.StoredEnvironment = e.base.Environment
	case e.application.used != "":
		rules.Stored = applicationSecrets
	}
	return rules
}

// verifyRequest returns the request to verify a draft. Secrets left blank are
// taken from the edited credential, or from the application that is used.
func (e *editor) verifyRequest(draft paycor.Draft) paycor.VerifyRequest {
	request := paycor.VerifyRequest{AcceptWarnings: e.acceptWarnings, ApplicationID: e.application.used, Draft: draft}
	if e.operation == opUpdate {
		request.ID = e.base.ID
	}
	return request
}

// key returns the Idempotency-Key for the typed values, so that repeating a
// save saves once.
func (e *editor) key() string {
	if e.idempotencyKey == "" {
		e.idempotencyKey = newKey()
	}
	return e.idempotencyKey
}
