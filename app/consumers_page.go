package app

import (
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/events"
)

const addConsumerID = "add-consumer"

// consumersPage lists the programs that use credentials, and their API tokens.
type consumersPage struct {
	page    *Page
	items   []consumer.Consumer
	next    string // cursor of the next page; empty on the last
	total   int
	lost    int             // tokens that cannot be read
	more    bool            // the next page is loading
	names   credentialNames // of the credentials that tokens list
	failure string          // why the list is not up to date
	tokens  *tokenDialog
	revoke  *revokeDialog
}

func newConsumersPage(p *Page) *consumersPage {
	c := &consumersPage{page: p, names: newCredentialNames(p)}
	c.show(p.start.Consumers)
	c.names.learn(p.start.Names)
	c.tokens = newTokenDialog(c)
	c.revoke = newRevokeDialog(c)
	return c
}

// show shows a list.
func (c *consumersPage) show(list consumer.Page) {
	c.items, c.next, c.total, c.lost = list.Consumers, list.Next, list.Total, list.Unreadable
}

// apply reads the list again if a token was created or revoked, or a credential deleted.
func (c *consumersPage) apply(changes []events.Change) {
	if concern(changes, audit.ActionToken, audit.ActionTokenRevoke, audit.ActionDelete) {
		c.refresh()
	}
}

// refresh reads as many tokens as are shown again.
func (c *consumersPage) refresh() {
	want := len(c.items)
	c.page.loop.Async(func() {
		found, names, err := c.read(consumer.Query{})
		for err == nil && found.Next != "" && len(found.Consumers) < want {
			var further consumer.Page
			var furtherNames []api.CredentialName
			further, furtherNames, err = c.read(consumer.Query{Cursor: found.Next})
			found.Consumers, found.Next = append(found.Consumers, further.Consumers...), further.Next
			names = append(names, furtherNames...)
		}
		c.page.loop.Update(func() {
			if err != nil {
				c.failure = c.page.say("consumers.stale", c.page.errorText(err))
				return
			}
			c.show(found)
			c.names.learn(names)
			c.failure = ""
		})
	})
}

// read reads one page and the names of the credentials in it.
func (c *consumersPage) read(query consumer.Query) (consumer.Page, []api.CredentialName, error) {
	found, err := c.page.service.Consumers(c.page.ctx, query)
	if err != nil || !c.page.can(paycor.RightView) {
		return found, nil, err
	}
	names, err := api.NamesByID(c.page.ctx, c.page.service, consumer.CredentialsOf(found.Consumers))
	return found, names, err
}

// showMore reads the next page.
func (c *consumersPage) showMore() {
	if c.more || c.next == "" {
		return
	}
	c.more = true
	c.page.setStatus("", nil)
	cursor := c.next
	c.page.loop.Async(func() {
		found, names, err := c.read(consumer.Query{Cursor: cursor})
		c.page.loop.Update(func() {
			c.more = false
			switch {
			case err != nil:
				c.page.showError(errorAtMore, c.page.say("list.more-failed", c.page.errorText(err)))
			case cursor == c.next: // otherwise the list was read again meanwhile
				c.items, c.next, c.total = append(c.items, found.Consumers...), found.Next, found.Total
				c.names.learn(names)
			}
		})
	})
}
