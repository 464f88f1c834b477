package app

import (
	"strconv"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// credentialNames are the names of credentials that a screen knows, by ID.
type credentialNames struct {
	page *Page
	byID map[string]api.CredentialName
}

func newCredentialNames(p *Page) credentialNames {
	return credentialNames{p, map[string]api.CredentialName{}}
}

// learn adds names of credentials.
func (n credentialNames) learn(names []api.CredentialName) {
	for _, name := range names {
		n.byID[name.ID] = name
	}
}

// isKnown reports whether the caller may see a credential.
func (n credentialNames) isKnown(id string) bool {
	_, known := n.byID[id]
	return known
}

// qualifier returns what distinguishes a credential from others of the same name: its
// environment and legal entity, and its ID where another has the same of all.
func (n credentialNames) qualifier(name api.CredentialName) string {
	if name.Environment == "" {
		return ""
	}
	where := n.page.sentence(n.page.environment(name.Environment).Title())
	if name.LegalEntityID != 0 {
		where += ", " + n.page.say("entity", strconv.Itoa(int(name.LegalEntityID)))
	}
	for _, other := range n.byID {
		if other.ID != name.ID && paycor.FoldName(other.Name) == paycor.FoldName(name.Name) && other.Environment == name.Environment && other.LegalEntityID == name.LegalEntityID {
			return where + ", " + name.ID
		}
	}
	return where
}
