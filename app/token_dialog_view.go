package app

import (
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// render renders the dialog. Form and secret are both always in the document, so
// that nothing typed is lost to a new element.
func (d *tokenDialog) render() goapp.UI {
	view := form.View{
		Title: d.page.say("token-dialog.title"), Submit: d.page.say("token-dialog.create"),
		Body:     []any{d.RenderSummary(d.page.say("token-dialog.failed"), nil), d.renderForm(), d.renderToken()},
		Question: &form.Question{Text: d.page.say("token-dialog.lost"), Stay: d.page.say("token-dialog.back"), Discard: d.page.say("token-dialog.drop")},
	}
	if d.isRenewal() {
		view.Title = d.page.say("renew.title", d.like.Name)
	}
	if d.IsBusy() {
		view.Status = d.page.say("token-dialog.running")
	}
	if d.created != "" {
		view.Title, view.Cancel, view.Submit = d.page.say("token-dialog.made", d.created), d.page.say("close"), ""
		if d.copied {
			view.Status = d.page.say("copy.done")
		}
	}
	return d.Render(view)
}

func (d *tokenDialog) renderForm() goapp.UI {
	intro := d.page.say("token-dialog.intro")
	if d.isRenewal() {
		intro = d.page.say("renew.intro")
	}
	return dom.El("div", dom.Class("stack"), dom.Flag("hidden", d.created != ""),
		dom.El("p", dom.Class("intro"), intro),
		d.RenderInput(fields.ConsumerName, "", nil),
		d.renderRights(),
		d.renderScope(),
		d.renderLifetime(),
	)
}

func (d *tokenDialog) renderRights() goapp.UI {
	field := fields.ConsumerRights
	parts := []any{dom.Class("choices", form.ErrorClass(d.Error(field) != "")), dom.El("legend", d.page.say("consumer.may")), d.RenderError(field)}
	first := true
	for _, right := range []paycor.Right{paycor.RightRead, paycor.RightUse, paycor.RightView, paycor.RightEdit, paycor.RightEmbed, paycor.RightAdmin} {
		if !d.canGrant(right) {
			continue
		}
		id := "token-right-" + string(right)
		if first { // the error summary links to the first one
			id, first = d.InputID(field), false
		}
		parts = append(parts, dom.El("label", dom.Class("choice"),
			dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", id), dom.Attr("value", string(right)), dom.Property("checked", d.rights.Has(right)),
				dom.On("change", "right/"+string(right), func(goapp.Event) { d.toggleRight(right) })),
			dom.El("span", dom.Class("choice-text"), dom.El("span", dom.Class("choice-name"), renderRight(d.page.words, right)), dom.El("span", dom.Class("hint"), d.page.say("right.words."+string(right))))))
	}
	return dom.El("fieldset", parts...)
}

func (d *tokenDialog) renderScope() goapp.UI {
	field := fields.ConsumerCredentials
	return dom.El("fieldset", dom.Class("choices", form.ErrorClass(d.Error(field) != "")), dom.El("legend", d.page.say("consumer.reach")), d.RenderError(field),
		d.chooser.render(d.InputID(field)))
}

func (d *tokenDialog) renderLifetime() goapp.UI {
	var options []form.Option
	for _, days := range lifetimes {
		text := strconv.Itoa(days)
		options = append(options, form.Option{Value: text, Text: d.page.say("token-dialog.days." + text)})
	}
	return d.RenderSelect(fields.ConsumerExpires, strconv.Itoa(lifetimes[1]), options, dom.On("change", "lifetime", func(event goapp.Event) {
		if days, err := strconv.Atoi(dom.String(event.Get("target").Get("value"))); err == nil {
			d.days = days
		}
	}))
}

// renderToken renders the secret of the created token.
func (d *tokenDialog) renderToken() goapp.UI {
	label := d.page.say("copy")
	if d.copied {
		label = d.page.say("copied")
	}
	return dom.El("div", dom.Class("stack"), dom.Flag("hidden", d.created == ""),
		dom.El("div", dom.Class("notice", "odd"), dom.Icon("warned"), dom.El("p", d.page.say("token-dialog.once"))),
		dom.El("div", dom.Class("field"),
			dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", tokenValueID), d.page.say("token-dialog.token"))),
			dom.El("div", dom.Class("control"), dom.El("div", dom.Class("secret"),
				dom.El("input", dom.Attr("type", "text"), dom.Attr("id", tokenValueID), dom.Class("input", "code"), dom.Flag("readonly", true),
					dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"), dom.Attr("aria-describedby", "token-use")),
				dom.Button("primary", copyTokenID, label, dom.Click(copyTokenID, d.copyToken)))),
		),
		dom.El("p", dom.Attr("id", "token-use"), d.page.say("token-dialog.use")),
	)
}
