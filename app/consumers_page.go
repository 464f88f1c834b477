package app

import (
	"strconv"

	"paycorcred/app/client"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/consumer"
)

const (
	addConsumerID = "add-consumer"
	consumersPath = "/consumers"
)

// consumersPage is the state of the screen of the programs that use credentials.
type consumersPage struct {
	page       *Page
	items      []consumer.Consumer
	qualifiers map[string]string // what tells credentials of one name apart, by id
	failure    string            // why the list is not up to date
	tokens     *tokenDialog
	revoke     *revokeDialog
}

func newConsumersPage(p *Page) *consumersPage {
	c := &consumersPage{page: p, items: p.start.Consumers, qualifiers: p.qualifiers(p.start.Names)}
	c.tokens = newTokenDialog(c)
	c.revoke = newRevokeDialog(c)
	return c
}

// refresh reads the list again.
func (c *consumersPage) refresh() {
	c.page.loop.Async(func() {
		found, err := c.page.service.Consumers(c.page.ctx)
		c.page.loop.Update(func() {
			if err != nil {
				c.failure = say("consumers.stale", client.ErrorText(err))
				return
			}
			c.items, c.failure = found, ""
		})
	})
}

// credential returns what is known of a credential.
func (c *consumersPage) credential(id string) (api.CredentialName, bool) {
	for _, credential := range c.page.start.Names {
		if credential.ID == id {
			return credential, true
		}
	}
	return api.CredentialName{}, false
}

// isKnown reports whether there is a credential that the caller may see.
func (c *consumersPage) isKnown(id string) bool {
	_, known := c.credential(id)
	return known
}

// qualifiers is what tells credentials of one name apart, by id: where each is and
// of whom, and its id where that is alike too. One that has its name alone is
// not in it.
func (p *Page) qualifiers(names []api.CredentialName) map[string]string {
	place := func(one api.CredentialName) string {
		if one.LegalEntityID == 0 {
			return p.environment(one.Environment).Title
		}
		return p.environment(one.Environment).Title + ", " + say("entity", strconv.Itoa(int(one.LegalEntityID)))
	}
	key := func(one api.CredentialName) string { return paycor.FoldName(one.Name) + "\n" + place(one) }
	times, besides := map[string]int{}, map[string]string{}
	for _, one := range names {
		times[key(one)]++
	}
	for _, one := range names {
		if one.Environment == "" {
			continue
		}
		besides[one.ID] = place(one)
		if times[key(one)] > 1 {
			besides[one.ID] += ", " + one.ID
		}
	}
	return besides
}
