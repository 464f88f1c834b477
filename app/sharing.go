package app

import (
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/usage"
)

const (
	sharingChange = "sharing-change" // opens the dialog, and gets the focus back
	sharingStatus = "sharing-status"
)

// sharing is the card "Who may use it" of a detail page.
type sharing struct {
	detail *detailPage
	dialog *sharingDialog
}

func newSharing(o *detailPage) *sharing {
	return &sharing{detail: o, dialog: newSharingDialog(o)}
}

func (s *sharing) render() goapp.UI {
	parts := []any{dom.Class("card"), dom.Attr("aria-labelledby", "sharing"), dom.El("h3", dom.Attr("id", "sharing"), s.detail.page.say("sharing"))}
	if now := s.detail.credential.Sharing; now == nil {
		parts = append(parts, dom.El("p", s.detail.page.say("sharing.everybody")))
	} else {
		parts = append(parts, dom.El("p", s.detail.page.say("sharing.restricted")), dom.El("dl", dom.Class("facts"),
			fact(s.detail.page.say("sharing.people"), nameList(s.detail.page.words, now.People)), fact(s.detail.page.say("sharing.groups"), nameList(s.detail.page.words, now.Groups))))
	}
	if s.detail.page.can(paycor.RightEdit) {
		parts = append(parts, s.detail.page.renderStatus(sharingStatus),
			dom.Button("", sharingChange, s.detail.page.say("sharing.change"), dom.VisuallyHidden(s.detail.page.say("sharing")), dom.Attr("aria-haspopup", "dialog"), dom.Click(sharingChange, s.dialog.openForChange)))
	}
	return dom.El("section", parts...)
}

// nameList lists names, or says that there are none.
func nameList(w words, names []string) any {
	if len(names) == 0 {
		return dom.El("span", dom.Class("muted"), w.say("fact.none"))
	}
	return strings.Join(names, ", ")
}

// blockedPrograms names the users that are programs without the admin right whose
// token does not list the credential.
func blockedPrograms(programs []consumer.Consumer, users []usage.User) []string {
	var names []string
	for _, user := range users {
		if slices.ContainsFunc(programs, func(c consumer.Consumer) bool {
			return c.ID == user.ID && c.State == consumer.Active && len(c.Credentials) == 0 && !c.Rights.Has(paycor.RightAdmin)
		}) {
			names = append(names, user.Name)
		}
	}
	return names
}
