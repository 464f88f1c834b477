package form

import (
	"context"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// Dialog is a form in a native modal dialog. It is always in the document,
// closed, so that it can be opened before this program runs.
type Dialog struct {
	Form

	ID       string // of the dialog element
	IDPrefix string // of the IDs of its buttons
	SubmitID string // of the button that submits
	Width    string // class: wide, medium or narrow

	// FirstFocus returns the ID that has the focus after opening, and again after
	// "Keep editing".
	FirstFocus func() string

	Submit  func()          // Submit is called when the form is submitted
	Changed func(id string) // something was typed or chosen; may be nil
	Closed  func()          // the dialog closed: drop its state; may be nil

	// MustConfirm reports whether closing loses something, so that the dialog
	// asks first. Nil means: if anything was typed.
	MustConfirm func() bool

	open       bool
	shown      bool   // by the browser; before that, a "close" event belongs to the last opening
	opener     string // ID of the element that gets the focus back
	dirty      bool   // something was typed
	confirming bool   // the question about discarding is shown
	busy       bool
	cancel     context.CancelFunc // stops the work; nil if it cannot be stopped
}

// Open opens the dialog. fill puts the initial values into the inputs. The
// element with the ID opener gets the focus back when the dialog closes.
func (d *Dialog) Open(opener string, fill func()) {
	d.open, d.opener = true, opener
	d.resetDialog()
	d.Loop.AfterRender(func() {
		fill()
		d.Document.ShowModal(d.ID)
		d.shown = true
		d.Document.Focus(d.FirstFocus())
	})
}

// Restore takes over a dialog that was opened before this program started.
func (d *Dialog) Restore(opener string, dirty bool) {
	d.open, d.shown, d.opener, d.dirty = true, true, opener, dirty
}

// IsOpen reports whether the dialog is open.
func (d *Dialog) IsOpen() bool { return d.open }

// SetDirty records that something was typed.
func (d *Dialog) SetDirty() { d.dirty = true }

// SetOpener replaces the element that gets the focus back.
func (d *Dialog) SetOpener(id string) { d.opener = id }

// Start marks the dialog as busy until Finish and returns the context of the
// work. Cancel and Escape cancel it. Without cancellable they do nothing,
// because the work cannot be undone.
func (d *Dialog) Start(ctx context.Context, cancellable bool) context.Context {
	d.busy, d.cancel = true, nil
	if cancellable {
		ctx, d.cancel = context.WithCancel(ctx)
	}
	return ctx
}

// Finish ends the busy state.
func (d *Dialog) Finish() {
	if d.cancel != nil {
		d.cancel()
	}
	d.busy, d.cancel = false, nil
}

// IsBusy reports whether work is in progress.
func (d *Dialog) IsBusy() bool { return d.busy }

// RequestClose is Cancel and Escape: it stops work in progress, asks first if
// closing loses something, and closes otherwise.
func (d *Dialog) RequestClose() {
	switch {
	case !d.open:
	case d.busy:
		if d.cancel != nil {
			d.cancel()
		}
	case d.confirming:
		d.keepEditing()
	case d.mustConfirm():
		d.confirming = true
		d.focus(d.buttonID("stay"))
	default:
		d.Close()
	}
}

func (d *Dialog) mustConfirm() bool {
	if d.MustConfirm != nil {
		return d.MustConfirm()
	}
	return d.dirty
}

// keepEditing answers the question about discarding with no.
func (d *Dialog) keepEditing() {
	d.confirming = false
	d.focus(d.FirstFocus())
}

// ResetResult drops the result of the last submission, and the question about
// discarding.
func (d *Dialog) ResetResult() {
	d.Form.ResetResult()
	d.confirming = false
}

// ResetConfirm drops the question about discarding.
func (d *Dialog) ResetConfirm() { d.confirming = false }

// Close closes the dialog, wipes its inputs in the document and in memory, and
// gives the focus back.
func (d *Dialog) Close() {
	if d.cancel != nil {
		d.cancel()
	}
	d.Clear()
	d.open, d.shown = false, false
	d.resetDialog()
	d.Document.Close(d.ID)
	if d.Closed != nil {
		d.Closed()
	}
	d.Loop.Wipe()
	if d.opener != "" {
		d.focus(d.opener)
	}
}

// HandleClose handles the dialog's close event. The event comes late, so it may
// belong to an earlier opening.
func (d *Dialog) HandleClose(stillOpen bool) {
	if d.open && d.shown && !stillOpen {
		d.Close()
	}
}

func (d *Dialog) resetDialog() {
	d.Reset()
	d.dirty, d.confirming, d.busy, d.cancel = false, false, false, nil
}

// input handles the input event of a control.
func (d *Dialog) input(id string) {
	if field, ok := d.FieldOf(id); ok {
		d.dirty = true
		delete(d.cleaned, field)
		d.dropSolved(field)
	}
	if d.Changed != nil {
		d.Changed(id)
	}
}

// dropSolved drops the problems and warnings that a change of a field solved. New ones
// wait for the next submission, so that they do not interrupt the typing.
func (d *Dialog) dropSolved(field fields.Field) {
	if len(d.Problems)+len(d.Warnings) == 0 {
		return
	}
	var now paycor.Report
	if d.Recheck != nil {
		now = d.Recheck()
	}
	d.Problems, d.Warnings = unsolved(d.Problems, field, now.Problems), unsolved(d.Warnings, field, now.Warnings)
}

// unsolved returns the problems that remain after a change of a field: those of other
// fields, and those that are still found. Equal values are a problem of two fields.
func unsolved(problems []fields.Problem, changed fields.Field, found []fields.Problem) []fields.Problem {
	return slices.DeleteFunc(slices.Clone(problems), func(p fields.Problem) bool {
		concerned := p.Field == changed || p.Code == fields.ProblemSameValue
		return concerned && !slices.ContainsFunc(found, func(now fields.Problem) bool { return now.Field == p.Field && now.Code == p.Code })
	})
}

func (d *Dialog) buttonID(name string) string { return d.IDPrefix + name }
