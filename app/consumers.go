package app

import (
	"slices"

	"paycorcred/paycor"
)

const (
	addConsumerID  = "add-consumer"
	consumersPlace = "/consumers"
)

// consumers is the state of the screen of the programs that use credentials.
type consumers struct {
	page       *Page
	items      []paycor.Consumer
	failure    string // why the list is not up to date
	hiring     *hiring
	revocation *revocation
}

func newConsumers(p *Page) *consumers {
	c := &consumers{page: p, items: p.start.Consumers}
	c.hiring = newHiring(c)
	c.revocation = &revocation{screen: c}
	return c
}

// refresh reads the list again.
func (c *consumers) refresh() {
	c.page.async(func() {
		found, err := c.page.service.Consumers(c.page.ctx)
		c.page.do(func() {
			if err != nil {
				c.failure = say("consumers.stale", words(err))
				return
			}
			c.items, c.failure = found, ""
		})
	})
}

// credentialName returns the name of a credential, or its id where it is none
// that is known here.
func (c *consumers) credentialName(id string) string {
	for _, credential := range c.page.start.Names {
		if credential.ID == id {
			return credential.Name
		}
	}
	return id
}

// knows reports whether there is a credential that the caller may see.
func (c *consumers) knows(id string) bool {
	return slices.ContainsFunc(c.page.start.Names, func(credential paycor.CredentialName) bool { return credential.ID == id })
}
