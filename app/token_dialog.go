package app

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"paycorcred/app/client"
	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/fields"
)

// Ids of the dialog.
const (
	hiringID      = "hiring"
	hiringSummary = "hiring-summary"
	hiringName    = "hiring-name"
	hiringToken   = "hiring-token"
	hiringSearch  = "hiring-search"
)

// lifetimes are how long a token can be made to work, in days; 0 is for ever.
var lifetimes = []int{30, 90, 365, 0}

// tokenDialog is the dialog that makes a consumer and then shows its token, once.
// The token stands in the field of the document alone, and is wiped from it
// and from the program's memory when the dialog closes.
type tokenDialog struct {
	screen *consumersPage
	open   bool
	inView bool // the browser shows it: before, a "close" is the last opening's
	opener string
	like   consumer.Consumer // whose token gets a successor; zero for a new consumer

	rights   paycor.Rights
	narrow   bool     // only the chosen credentials
	chosen   []string // their ids
	sought   string   // what the list of credentials is searched for
	days     int
	problems []fields.Problem
	failure  string
	session  bool // because the session ended
	working  bool

	made   string // name of the consumer that was made; its token is shown
	copied bool
	asking bool // whether to close without having copied it
}

func newTokenDialog(c *consumersPage) *tokenDialog {
	h := &tokenDialog{screen: c}
	h.forget()
	return h
}

func (h *tokenDialog) page() *Page { return h.screen.page }

// forget drops all that belongs to one opening.
func (h *tokenDialog) forget() {
	h.like = consumer.Consumer{}
	h.rights, h.narrow, h.chosen, h.sought, h.days = nil, false, nil, "", lifetimes[1]
	for _, right := range []paycor.Right{paycor.RightRead, paycor.RightUse} {
		if h.mayGive(right) {
			h.rights = paycor.Rights{right}
			break
		}
	}
	h.problems, h.failure, h.session, h.working = nil, "", false, false
	h.made, h.copied, h.asking = "", false, false
}

// mayGive reports whether the caller has a right to hand out.
func (h *tokenDialog) mayGive(right paycor.Right) bool {
	return h.page().can(right) || right == paycor.RightRead && h.page().can(paycor.RightUse)
}

// begin opens the dialog for a new consumer.
func (h *tokenDialog) begin() { h.show(consumer.Consumer{}, addConsumerID) }

// renew opens it for another token of a consumer, with what the one before has.
func (h *tokenDialog) renew(like consumer.Consumer, opener string) { h.show(like, opener) }

// renewing reports whether it makes a successor to a token.
func (h *tokenDialog) renewing() bool { return h.like.ID != "" }

func (h *tokenDialog) show(like consumer.Consumer, opener string) {
	if h.open {
		return
	}
	h.open = true
	h.forget()
	h.opener, h.like = opener, like
	if h.renewing() {
		h.imitate()
	}
	page := h.page()
	page.setStatus("", nil)
	page.loop.AfterRender(func() {
		page.document.SetValue(hiringName, like.Name)
		page.document.SetValue(hiringSearch, "")
		page.document.SetValue(hiringPlace(fields.ConsumerExpires), strconv.Itoa(h.days))
		page.document.ShowModal(hiringID)
		h.inView = true
		page.document.Focus(hiringName)
	})
}

// imitate takes over what the consumer has, as far as the caller can hand it out
// and it is still there.
func (h *tokenDialog) imitate() {
	h.rights = slices.DeleteFunc(slices.Clone(h.like.Rights), func(right paycor.Right) bool { return !h.mayGive(right) })
	h.narrow = len(h.like.Credentials) > 0
	h.chosen = slices.DeleteFunc(slices.Clone(h.like.Credentials), func(id string) bool { return !h.screen.isKnown(id) })
	lifetime := 0
	if !h.like.ExpiresAt.IsZero() {
		const day = 24 * time.Hour
		lifetime = int(h.like.ExpiresAt.Sub(h.like.CreatedAt).Round(day) / day)
	}
	if slices.Contains(lifetimes, lifetime) {
		h.days = lifetime
	}
}

// allow gives or takes a right.
func (h *tokenDialog) allow(right paycor.Right) {
	if h.rights.Has(right) {
		h.rights = slices.DeleteFunc(slices.Clone(h.rights), func(r paycor.Right) bool { return r == right })
	} else {
		h.rights = append(slices.Clone(h.rights), right)
	}
}

// choose adds or removes a credential of the allow-list.
func (h *tokenDialog) choose(id string) {
	if i := slices.Index(h.chosen, id); i >= 0 {
		h.chosen = slices.Delete(slices.Clone(h.chosen), i, i+1)
	} else {
		h.chosen = append(slices.Clone(h.chosen), id)
	}
}

func (h *tokenDialog) draft() consumer.Draft {
	draft := consumer.Draft{Name: h.page().document.Value(hiringName), Rights: h.rights}
	if h.narrow {
		draft.Credentials = h.chosen
	}
	if h.days > 0 {
		draft.ExpiresAt = h.page().now().UTC().Truncate(time.Second).AddDate(0, 0, h.days)
	}
	return draft.Clean()
}

// submit makes the consumer. A press while it works does nothing.
func (h *tokenDialog) submit() {
	if !h.open || h.working || h.made != "" {
		return
	}
	page := h.page()
	h.failure, h.session = "", false
	draft := h.draft()
	h.problems = draft.Check(page.start.Caller, page.now())
	if h.narrow && len(draft.Credentials) == 0 {
		h.problems = append(h.problems, fields.Problem{Field: fields.ConsumerCredentials, Code: fields.ProblemRequired, Message: say("token-dialog.choose")})
	}
	if len(h.problems) > 0 {
		page.loop.AfterRender(func() { page.document.Focus(hiringSummary) })
		return
	}
	h.working = true
	page.loop.Async(func() {
		made, err := page.service.CreateConsumer(page.ctx, draft)
		page.loop.Update(func() {
			if h.working = false; err != nil {
				h.fail(err)
				return
			}
			if h.made = made.Name; !h.open {
				return
			}
			token := made.Token.Reveal()
			page.loop.AfterRender(func() {
				page.document.SetValue(hiringToken, token)
				page.document.Focus("copy-token")
			})
			h.screen.refresh()
		})
	})
}

// fail shows why nothing was made. What was chosen stays.
func (h *tokenDialog) fail(err error) {
	var known *paycor.Error
	if errors.As(err, &known) && len(known.Problems) > 0 {
		h.problems = known.Problems
	} else {
		h.failure, h.session = client.ErrorText(err), client.IsSignedOut(err)
	}
	h.page().loop.AfterRender(func() { h.page().document.Focus(hiringSummary) })
}

// copyToken puts the token on the clipboard.
func (h *tokenDialog) copyToken() {
	page := h.page()
	page.document.Copy(page.document.Value(hiringToken), func(done bool) {
		page.loop.Update(func() {
			h.copied, h.asking = h.copied || done, false
			if !done {
				h.failure = say("copy.failed")
			}
		})
	})
}

// leave is Cancel, Close and Escape: a token that was not copied would be gone.
func (h *tokenDialog) leave() {
	switch {
	case !h.open || h.working:
	case h.made != "" && !h.copied && !h.asking:
		h.asking = true
		h.page().loop.AfterRender(func() { h.page().document.Focus("hiring-stay") })
	case h.asking:
		h.stay()
	default:
		h.close()
	}
}

func (h *tokenDialog) stay() {
	h.asking = false
	h.page().loop.AfterRender(func() { h.page().document.Focus("copy-token") })
}

// close closes the dialog and wipes the token.
func (h *tokenDialog) close() {
	page, made, done := h.page(), h.made, say("token-dialog.done", h.made)
	if h.renewing() {
		done = say("renew.done", h.made)
	}
	h.open, h.inView = false, false
	h.forget()
	page.document.SetValue(hiringToken, "")
	page.document.SetValue(hiringName, "")
	page.document.Close(hiringID)
	opener := h.opener
	if made != "" {
		page.setStatus(done, nil)
		page.loop.Wipe()
		opener = addConsumerID // the list is another one now
	}
	page.loop.AfterRender(func() { page.document.Focus(opener) })
}

// closed is told when the browser has closed the dialog.
func (h *tokenDialog) closed(showing bool) {
	if h.open && h.inView && !showing {
		h.close()
	}
}
