package app

import (
	"slices"
	"strconv"
	"time"

	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/fields"
)

const (
	tokenDialogID = "token"
	tokenValueID  = "token-value"
	copyTokenID   = "copy-token"
)

// lifetimes are the choices for how long a token works, in days. 0 is forever.
var lifetimes = []int{30, 90, 365, 0}

// tokenDialog creates an API token and then shows its secret, once. The secret is
// only in the document's field. Closing the dialog wipes it from there and from
// the program's memory.
type tokenDialog struct {
	form.Dialog

	page   *Page
	screen *consumersPage

	like    consumer.Consumer // the token this one succeeds; zero for a new consumer
	rights  paycor.Rights
	chooser credentialChooser
	days    int

	created string // name of the token that was created, whose secret is shown
	copied  bool
}

func newTokenDialog(c *consumersPage) *tokenDialog {
	d := &tokenDialog{page: c.page, screen: c}
	d.Dialog = form.Dialog{
		Form: form.Form{
			Context: c.page.forms, Prefix: "token-", SummaryID: "token-summary",
			Fields:   []fields.Field{fields.ConsumerName, fields.ConsumerRights, fields.ConsumerCredentials, fields.ConsumerExpires},
			Describe: func(field fields.Field) form.Input { return describeTokenField(c.page.words, field) },
		},
		ID: tokenDialogID, IDPrefix: "token-", SubmitID: "token-create", Width: "medium",
		Submit: d.submit, Closed: d.onClosed,
		MustConfirm: func() bool { return d.created != "" && !d.copied }, // the secret cannot be shown again
	}
	d.FirstFocus = func() string {
		if d.created != "" {
			return copyTokenID
		}
		return d.InputID(fields.ConsumerName)
	}
	d.reset()
	return d
}

func describeTokenField(w words, field fields.Field) form.Input {
	switch field {
	case fields.ConsumerName:
		return form.Input{Label: w.say("token-dialog.name"), Hint: w.say("token-dialog.name-hint"), Required: true}
	case fields.ConsumerExpires:
		return form.Input{Label: w.say("token-dialog.lifetime"), Hint: w.say("token-dialog.lifetime-hint")}
	}
	return form.Input{Group: true}
}

// reset drops everything that belongs to one opening.
func (d *tokenDialog) reset() {
	d.like = consumer.Consumer{}
	d.rights, d.days = nil, lifetimes[1]
	d.chooser = credentialChooser{page: d.page, names: d.screen.names, prefix: "token-"}
	for _, right := range []paycor.Right{paycor.RightRead, paycor.RightUse} {
		if d.canGrant(right) {
			d.rights = paycor.Rights{right}
			break
		}
	}
	d.created, d.copied = "", false
}

// canGrant reports whether the caller has a right to grant.
func (d *tokenDialog) canGrant(right paycor.Right) bool {
	return d.page.can(right) || right == paycor.RightRead && d.page.can(paycor.RightUse)
}

// openNew opens the dialog for a new consumer.
func (d *tokenDialog) openNew() { d.openLike(consumer.Consumer{}, addConsumerID) }

// isRenewal reports whether the dialog creates the successor of a token.
func (d *tokenDialog) isRenewal() bool { return d.like.ID != "" }

// openLike opens the dialog for the successor of a token, with the same rights.
func (d *tokenDialog) openLike(like consumer.Consumer, opener string) {
	if d.IsOpen() {
		return
	}
	d.reset()
	d.like = like
	if d.isRenewal() {
		d.copyFrom(like)
	}
	d.page.setStatus("", nil)
	d.Open(opener, func() {
		d.SetValue(fields.ConsumerName, like.Name)
		d.SetValue(fields.ConsumerExpires, strconv.Itoa(d.days))
		d.Document.SetValue(d.chooser.searchID(), "")
	})
}

// copyFrom takes over what a token may do, as far as the caller can grant it and
// its credentials still exist.
func (d *tokenDialog) copyFrom(like consumer.Consumer) {
	d.rights = slices.DeleteFunc(slices.Clone(like.Rights), func(right paycor.Right) bool { return !d.canGrant(right) })
	d.chooser.chosen = slices.DeleteFunc(slices.Clone(like.Credentials), func(id string) bool { return !d.screen.names.isKnown(id) })
	d.chooser.setNarrow(len(like.Credentials) > 0)
	lifetime := 0
	if !like.ExpiresAt.IsZero() {
		const day = 24 * time.Hour
		lifetime = int(like.ExpiresAt.Sub(like.CreatedAt).Round(day) / day)
	}
	if slices.Contains(lifetimes, lifetime) {
		d.days = lifetime
	}
}

// toggleRight grants a right, or no longer.
func (d *tokenDialog) toggleRight(right paycor.Right) {
	d.rights = toggled(d.rights, right)
}

func (d *tokenDialog) draft() consumer.Draft {
	draft := consumer.Draft{Name: d.Value(fields.ConsumerName), Rights: d.rights, Credentials: d.chooser.credentials()}
	if d.days > 0 {
		draft.ExpiresAt = d.page.now().UTC().Truncate(time.Second).AddDate(0, 0, d.days)
	}
	return draft.Clean()
}

// submit creates the token. A press while it works does nothing.
func (d *tokenDialog) submit() {
	if !d.IsOpen() || d.IsBusy() || d.created != "" {
		return
	}
	d.ResetResult()
	draft := d.draft()
	d.Problems = append(draft.Check(d.page.start.Caller, d.page.now()), d.chooser.problems(fields.ConsumerCredentials)...)
	if len(d.Problems) > 0 {
		d.FocusSummary()
		return
	}
	ctx := d.Start(d.page.ctx, false)
	d.Loop.Async(func() {
		created, err := d.page.service.CreateConsumer(ctx, draft)
		d.Loop.Update(func() {
			d.Finish()
			if err != nil {
				d.ShowError(err)
				d.FocusSummary()
				return
			}
			if !d.IsOpen() {
				return
			}
			d.created = created.Name
			token := created.Token.Reveal()
			d.Loop.AfterRender(func() {
				d.Document.SetValue(tokenValueID, token)
				d.Document.Focus(copyTokenID)
			})
			d.screen.refresh()
		})
	})
}

// copyToken puts the token on the clipboard.
func (d *tokenDialog) copyToken() {
	d.Document.Copy(d.Document.Value(tokenValueID), func(done bool) {
		d.Loop.Update(func() {
			d.ResetConfirm()
			d.copied = d.copied || done
			if !done {
				d.Failure = d.page.say("copy.failed")
			}
		})
	})
}

// onClosed wipes the token and says that it was created.
func (d *tokenDialog) onClosed() {
	d.Document.SetValue(tokenValueID, "")
	if d.created != "" {
		status := d.page.say("token-dialog.done", d.created)
		if d.isRenewal() {
			status = d.page.say("renew.done", d.created)
		}
		d.page.setStatus(status, nil)
		d.SetOpener(addConsumerID) // the list has changed
	}
	d.reset()
}
