package app

import (
	"paycorcred/app/dom"
	"paycorcred/paycor/application"
)

// refreshApplication reads again which credentials use the same application. What is
// shown stays if that fails.
func (o *detailPage) refreshApplication() {
	id := o.credential.ApplicationID
	if id == "" {
		return
	}
	o.page.loop.Async(func() {
		read, err := o.page.service.Application(o.page.ctx, id)
		o.page.loop.Update(func() {
			if err == nil && id == o.credential.ApplicationID {
				o.application = &read
			}
		})
	})
}

// sharedText says which credentials a change of the secrets concerns, or "" if it is
// this one alone.
func (o *detailPage) sharedText() string {
	if o == nil || !o.isShared() {
		return ""
	}
	return o.page.usersText(*o.application)
}

// isShared reports whether other credentials use the same secrets.
func (o *detailPage) isShared() bool {
	a := o.application
	return a != nil && a.ID == o.credential.ApplicationID && (len(a.Credentials) > 1 || a.Others)
}

// renderShared renders sharedText for a dialog.
func (o *detailPage) renderShared(id string) any {
	text := o.sharedText()
	if text == "" {
		return nil
	}
	return dom.El("p", dom.Attr("id", id), dom.Class("fact-line"), text)
}

// applicationFact links to the application's page, and says who uses it.
func (o *detailPage) applicationFact() any {
	w, id := o.page.words, o.credential.ApplicationID
	text := w.say("application.alone")
	if o.isShared() {
		text = o.sharedText()
	}
	if o.page.embedded() || id == "" {
		return text
	}
	return dom.El("div", dom.El("p", text), dom.El("p", dom.El("a", dom.Attr("href", applicationPath(id)), w.say("application.open"))))
}

// withUsers adds to the result of a change which credentials it concerns.
func withUsers(w words, status string, changed *application.Application) string {
	if changed == nil || len(changed.Credentials) < 2 && !changed.Others {
		return status
	}
	return w.say("list.sentences", status, w.usersText(*changed))
}
