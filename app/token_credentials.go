package app

import (
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

const (
	// fewCredentials is up to how many credentials need no search.
	fewCredentials = 8

	// maxOffered is how many credentials are offered at once. The others are searched.
	maxOffered = 50
)

// credentialChooser chooses the credentials of a token. It offers those that a search
// on the server finds, and those that were chosen before.
type credentialChooser struct {
	screen  *consumersPage
	chosen  []string // IDs
	offered []api.CredentialName
	all     int // credentials that the caller sees
	hits    int // of the search
	many    bool
	failure string // why the search failed

	search      string
	searchCount int // counts inputs, so that only the last search runs
	request     int // counts requests, so that only the last response counts
	loading     bool
}

// searchFor searches once typing pauses.
func (c *credentialChooser) searchFor(search string) {
	c.search = search
	c.screen.page.afterTyping(&c.searchCount, c.find)
}

// find asks the server what to offer.
func (c *credentialChooser) find() {
	page := c.screen.page
	if !page.can(paycor.RightView) {
		return
	}
	c.request++
	c.loading = true
	request, search := c.request, c.search
	page.loop.Async(func() {
		found, err := page.service.Credentials(page.ctx, paycor.Query{Search: search, Limit: maxOffered})
		page.loop.Update(func() {
			if request != c.request {
				return
			}
			c.loading = false
			if err != nil {
				c.failure = page.errorText(err)
				return
			}
			c.failure = ""
			c.offer(found)
		})
	})
}

// offer offers what was found. What is chosen stays in sight.
func (c *credentialChooser) offer(found paycor.CredentialPage) {
	names := api.NamesOf(found.Credentials)
	c.screen.learn(names)
	c.hits, c.many = found.Total, found.TotalIsMinimum
	if c.search == "" {
		c.all = found.Total
	}
	c.offered = nil
	for _, id := range c.chosen {
		name, known := c.screen.names[id]
		if known && !slices.ContainsFunc(names, func(n api.CredentialName) bool { return n.ID == id }) {
			c.offered = append(c.offered, name)
		}
	}
	c.offered = append(c.offered, names...)
}

// toggle adds a credential to the allow-list, or removes it.
func (c *credentialChooser) toggle(id string) {
	c.chosen = toggled(c.chosen, id)
}

// render renders the search and what it found.
func (c *credentialChooser) render() []goapp.UI {
	say := c.screen.page.say
	list := []any{dom.Class("picks")}
	if c.loading {
		list = append(list, dom.Attr("aria-busy", "true"))
	}
	for _, credential := range c.offered {
		id := credential.ID
		list = append(list, dom.El("label", dom.Class("pick"),
			dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", "token-credential-"+id), dom.Property("checked", slices.Contains(c.chosen, id)),
				dom.On("change", "credential/"+id, func(goapp.Event) { c.toggle(id) })),
			dom.El("span", dom.El("span", credential.Name), " ", dom.El("span", dom.Class("muted", "small"), c.screen.qualifier(credential)))))
	}
	return []goapp.UI{c.renderSearch(), dom.El("div", list...), c.renderResult(say)}
}

func (c *credentialChooser) renderSearch() goapp.UI {
	say := c.screen.page.say
	return dom.El("div", dom.Class("field"), dom.Flag("hidden", c.all <= fewCredentials),
		dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", tokenSearchID), say("search"))),
		dom.El("div", dom.Class("control"), dom.El("input", dom.Attr("type", "search"), dom.Attr("id", tokenSearchID), dom.Class("input"), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"),
			dom.On("keydown", tokenSearchID, func(event goapp.Event) {
				if event.Get("key").String() == "Enter" {
					event.PreventDefault() // it would submit the form
				}
			}),
			dom.On("input", tokenSearchID, func(event goapp.Event) { c.searchFor(dom.String(event.Get("target").Get("value"))) }))),
		dom.El("p", dom.Class("hint"), dom.Attr("role", "status"), say("token-dialog.chosen", c.screen.page.number(len(c.chosen)), c.screen.page.number(c.all))))
}

// renderResult says how much of what was found is offered, or why nothing is.
func (c *credentialChooser) renderResult(say func(string, ...any) string) goapp.UI {
	text, number := "", c.screen.page.number
	switch {
	case c.failure != "":
		return dom.Slot(retryNotice(c.screen.page.words, "token-retry", c.find, dom.El("p", say("list.failed")), dom.El("p", c.failure)))
	case c.loading && len(c.offered) == 0:
		text = say("list.loading")
	case c.hits == 0 && c.search != "":
		text = say("token-dialog.no-hit")
	case c.many:
		text = say("list.shown-many", number(maxOffered), number(c.hits))
	case c.hits > maxOffered:
		text = say("list.shown", number(maxOffered), number(c.hits))
	}
	return dom.Slot(dom.El("p", dom.Class("hint"), dom.Flag("hidden", text == ""), text))
}
