package form

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// confirmField is the field a confirmation is typed into.
const confirmField = fields.Name

// Confirmation is a dialog that acts only after a text is typed, such as the
// name of what is deleted.
type Confirmation struct {
	Dialog

	Accepts  func(typed string) bool // reports whether the typed text confirms
	Mismatch func() string           // the error if it does not
	Confirm  func()                  // Confirm runs once the text is typed
}

// NewConfirmation returns a confirmation dialog. input describes the text to
// type.
func NewConfirmation(context Context, id string, input func() Input) *Confirmation {
	c := &Confirmation{}
	c.Context = context
	c.Prefix, c.Fields = id+"-", []fields.Field{confirmField}
	c.Describe = func(fields.Field) Input {
		described := input()
		described.AnnounceError = true
		return described
	}
	c.ID, c.IDPrefix, c.SubmitID, c.Width = id, id+"-", id+"-confirm", "narrow"
	c.FirstFocus = func() string { return c.InputID(confirmField) }
	c.MustConfirm = func() bool { return false }
	c.Submit = c.submit
	return c
}

// Open asks for the confirmation.
func (c *Confirmation) Open(opener string) { c.Dialog.Open(opener, c.Clear) }

func (c *Confirmation) submit() {
	if !c.open || c.busy {
		return
	}
	c.ResetResult()
	if !c.Accepts(c.Value(confirmField)) {
		c.showProblem(c.Mismatch())
		return
	}
	c.Confirm()
}

// ShowError shows why the action failed.
func (c *Confirmation) ShowError(err error) { c.showProblem(c.sentence(client.ErrorMessage(err))) }

func (c *Confirmation) showProblem(text string) {
	c.Problems = []fields.Problem{{Field: confirmField, Message: message.Text(text)}}
	c.FocusField(confirmField)
}

// RenderInput renders the input for the text.
func (c *Confirmation) RenderInput() goapp.UI { return c.Form.RenderInput(confirmField, "", nil) }
