package app

import (
	"strconv"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/events"
)

const (
	addConsumerID = "add-consumer"
	consumersPath = "/consumers"
)

// consumersPage lists the programs that use credentials, and their API tokens.
type consumersPage struct {
	page       *Page
	items      []consumer.Consumer
	qualifiers map[string]string // distinguish credentials of the same name, by ID
	failure    string            // why the list is not up to date
	tokens     *tokenDialog
	revoke     *revokeDialog
}

func newConsumersPage(p *Page) *consumersPage {
	c := &consumersPage{page: p, items: p.start.Consumers, qualifiers: p.nameQualifiers(p.start.Names)}
	c.tokens = newTokenDialog(c)
	c.revoke = newRevokeDialog(c)
	return c
}

// apply reads the list again if a token was created or revoked, or a credential deleted.
func (c *consumersPage) apply(changes []events.Change) {
	if concern(changes, audit.ActionToken, audit.ActionTokenRevoke, audit.ActionDelete) {
		c.refresh()
	}
}

// refresh reads the list again.
func (c *consumersPage) refresh() {
	c.page.loop.Async(func() {
		found, err := c.page.service.Consumers(c.page.ctx)
		c.page.loop.Update(func() {
			if err != nil {
				c.failure = c.page.say("consumers.stale", c.page.errorText(err))
				return
			}
			c.items, c.failure = found, ""
		})
	})
}

// credential returns the name of a credential the caller may see.
func (c *consumersPage) credential(id string) (api.CredentialName, bool) {
	for _, credential := range c.page.start.Names {
		if credential.ID == id {
			return credential, true
		}
	}
	return api.CredentialName{}, false
}

// isKnown reports whether the caller may see a credential.
func (c *consumersPage) isKnown(id string) bool {
	_, known := c.credential(id)
	return known
}

// nameQualifiers returns what distinguishes credentials of the same name, by
// ID: the environment and legal entity, or the ID if those are the same too.
func (p *Page) nameQualifiers(names []api.CredentialName) map[string]string {
	where := func(name api.CredentialName) string {
		if name.LegalEntityID == 0 {
			return p.sentence(p.environment(name.Environment).Title())
		}
		return p.sentence(p.environment(name.Environment).Title()) + ", " + p.say("entity", strconv.Itoa(int(name.LegalEntityID)))
	}
	key := func(name api.CredentialName) string { return paycor.FoldName(name.Name) + "\n" + where(name) }
	counts, qualifiers := map[string]int{}, map[string]string{}
	for _, name := range names {
		counts[key(name)]++
	}
	for _, name := range names {
		if name.Environment == "" {
			continue
		}
		qualifiers[name.ID] = where(name)
		if counts[key(name)] > 1 {
			qualifiers[name.ID] += ", " + name.ID
		}
	}
	return qualifiers
}
