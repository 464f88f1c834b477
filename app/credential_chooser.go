package app

import (
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

const (
	// fewCredentials is up to how many credentials need no search.
	fewCredentials = 8

	// maxOffered is how many credentials are offered at once. The others are searched.
	maxOffered = 50
)

// credentialChooser chooses all credentials, or some of them. It offers those that a search
// on the server finds, and those that were chosen before.
type credentialChooser struct {
	page   *Page
	names  credentialNames
	prefix string // of the IDs of its elements

	narrow  bool     // only those that are chosen
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

// searchID returns the ID of the input for searches.
func (c *credentialChooser) searchID() string { return c.prefix + "search" }

// setNarrow sets whether only some credentials are chosen.
func (c *credentialChooser) setNarrow(narrow bool) {
	if c.narrow = narrow; narrow && c.request == 0 {
		c.find()
	}
}

// choose chooses some credentials, or all without any. Those that are no longer there are
// left out.
func (c *credentialChooser) choose(ids []string) {
	c.chosen = slices.Clone(ids)
	if c.narrow = len(ids) > 0; !c.narrow {
		return
	}
	c.request++
	request := c.request
	c.page.loop.Async(func() {
		names, err := api.NamesByID(c.page.ctx, c.page.service, ids)
		c.page.loop.Update(func() {
			if request != c.request {
				return
			}
			if err == nil {
				c.names.learn(names)
				c.chosen = slices.DeleteFunc(c.chosen, func(id string) bool { return !c.names.isKnown(id) })
			}
			c.find()
		})
	})
}

// problems returns what is wrong with the choice, as a problem of a field: some are to be
// chosen, and none is.
func (c *credentialChooser) problems(field fields.Field) []fields.Problem {
	if !c.narrow || len(c.chosen) > 0 {
		return nil
	}
	return []fields.Problem{{Field: field, Code: fields.ProblemRequired, Message: message.Text(c.page.say("token-dialog.choose"))}}
}

// credentials returns the IDs of the chosen ones, or nil for all.
func (c *credentialChooser) credentials() []string {
	if !c.narrow {
		return nil
	}
	return c.chosen
}

// searchFor searches once typing pauses.
func (c *credentialChooser) searchFor(search string) {
	c.search = search
	c.page.afterTyping(&c.searchCount, c.find)
}

// find asks the server what to offer.
func (c *credentialChooser) find() {
	page := c.page
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
	c.names.learn(names)
	c.hits, c.many = found.Total, found.TotalIsMinimum
	if c.search == "" {
		c.all = found.Total
	}
	c.offered = nil
	for _, id := range c.chosen {
		name, known := c.names.byID[id]
		if known && !slices.ContainsFunc(names, func(n api.CredentialName) bool { return n.ID == id }) {
			c.offered = append(c.offered, name)
		}
	}
	c.offered = append(c.offered, names...)
}

// toggle chooses a credential, or no longer.
func (c *credentialChooser) toggle(id string) {
	c.chosen = toggled(c.chosen, id)
}

// render renders the choice between all credentials and some. someID is the
// ID of the second, to which the summary of a form links.
func (c *credentialChooser) render(someID string) []any {
	option := func(id, label string, narrow bool) goapp.UI {
		return dom.El("label", dom.Class("choice"),
			dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", c.prefix+"scope"), dom.Attr("id", id), dom.Property("checked", c.narrow == narrow),
				dom.On("change", id, func(goapp.Event) { c.setNarrow(narrow) })),
			dom.El("span", dom.Class("choice-text"), dom.El("span", dom.Class("choice-name"), label)))
	}
	return []any{option(c.prefix+"all", c.page.say("consumer.all"), false), option(someID, c.page.say("token-dialog.some"), true),
		dom.El("div", dom.Class("stack"), dom.Flag("hidden", !c.narrow), c.renderOffered())}
}

// renderOffered renders the search and what it found.
func (c *credentialChooser) renderOffered() []goapp.UI {
	say := c.page.say
	list := []any{dom.Class("picks")}
	if c.loading {
		list = append(list, dom.Attr("aria-busy", "true"))
	}
	for _, credential := range c.offered {
		id := credential.ID
		list = append(list, dom.El("label", dom.Class("pick"),
			dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", c.prefix+"credential-"+id), dom.Property("checked", slices.Contains(c.chosen, id)),
				dom.On("change", c.prefix+"credential/"+id, func(goapp.Event) { c.toggle(id) })),
			dom.El("span", dom.El("span", credential.Name), " ", dom.El("span", dom.Class("muted", "small"), c.names.qualifier(credential)))))
	}
	return []goapp.UI{c.renderSearch(), dom.El("div", list...), c.renderResult(say)}
}

func (c *credentialChooser) renderSearch() goapp.UI {
	say := c.page.say
	return dom.El("div", dom.Class("field"), dom.Flag("hidden", c.all <= fewCredentials),
		dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", c.searchID()), say("search"))),
		dom.El("div", dom.Class("control"), dom.El("input", dom.Attr("type", "search"), dom.Attr("id", c.searchID()), dom.Class("input"), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"),
			dom.On("keydown", c.searchID(), func(event goapp.Event) {
				if event.Get("key").String() == "Enter" {
					event.PreventDefault() // it would submit the form
				}
			}),
			dom.Typed(c.searchID(), c.searchFor))),
		dom.El("p", dom.Class("hint"), dom.Attr("role", "status"), say("token-dialog.chosen", c.page.number(len(c.chosen)), c.page.number(c.all))))
}

// renderResult says how much of what was found is offered, or why nothing is.
func (c *credentialChooser) renderResult(say func(string, ...any) string) goapp.UI {
	text, number := "", c.page.number
	switch {
	case c.failure != "":
		return dom.Slot(retryNotice(c.page.words, c.prefix+"retry", c.find, dom.El("p", say("list.failed")), dom.El("p", c.failure)))
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
