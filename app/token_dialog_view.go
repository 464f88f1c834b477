package app

import (
	"slices"
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// fewCredentials is up to how many credentials need no filter.
const fewCredentials = 8

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
	for _, right := range []paycor.Right{paycor.RightRead, paycor.RightUse, paycor.RightView, paycor.RightEdit, paycor.RightAdmin} {
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
	option := func(id, label string, narrow bool) goapp.UI {
		return dom.El("label", dom.Class("choice"),
			dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "token-scope"), dom.Attr("id", id), dom.Property("checked", d.narrow == narrow),
				dom.On("change", id, func(goapp.Event) { d.narrow = narrow })),
			dom.El("span", dom.Class("choice-text"), dom.El("span", dom.Class("choice-name"), label)))
	}
	names := d.page.start.Names
	list := []any{dom.Class("picks")}
	for _, credential := range names {
		id, qualifier := credential.ID, d.screen.qualifiers[credential.ID]
		if !strings.Contains(strings.ToLower(credential.Name+" "+qualifier), d.search) {
			continue
		}
		list = append(list, dom.El("label", dom.Class("pick"),
			dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", "token-credential-"+id), dom.Property("checked", slices.Contains(d.chosen, id)),
				dom.On("change", "credential/"+id, func(goapp.Event) { d.toggleCredential(id) })),
			dom.El("span", dom.El("span", credential.Name), " ", dom.El("span", dom.Class("muted", "small"), qualifier))))
	}
	if len(list) == 1 && len(names) > 0 {
		list = append(list, dom.El("p", dom.Class("hint"), d.page.say("token-dialog.no-hit")))
	}
	return dom.El("fieldset", dom.Class("choices", form.ErrorClass(d.Error(field) != "")), dom.El("legend", d.page.say("consumer.reach")), d.RenderError(field),
		option("token-all", d.page.say("consumer.all"), false), option(d.InputID(field), d.page.say("token-dialog.some"), true),
		dom.El("div", dom.Class("stack"), dom.Flag("hidden", !d.narrow), d.renderSearch(len(names)), dom.El("div", list...)))
}

// renderSearch renders the filter for many credentials.
func (d *tokenDialog) renderSearch(many int) goapp.UI {
	return dom.El("div", dom.Class("field"), dom.Flag("hidden", many <= fewCredentials),
		dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", tokenSearchID), d.page.say("search"))),
		dom.El("div", dom.Class("control"), dom.El("input", dom.Attr("type", "search"), dom.Attr("id", tokenSearchID), dom.Class("input"), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"),
			dom.On("keydown", tokenSearchID, func(event goapp.Event) {
				if event.Get("key").String() == "Enter" {
					event.PreventDefault() // it would submit the form
				}
			}),
			dom.On("input", tokenSearchID, func(event goapp.Event) {
				d.search = strings.ToLower(foldSpaces(dom.String(event.Get("target").Get("value"))))
			}))),
		dom.El("p", dom.Class("hint"), dom.Attr("role", "status"), d.page.say("token-dialog.chosen", len(d.chosen), many)))
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
