package embed

import (
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// OneTimeTokenLifetime is how long a one-time token can be exchanged for a session.
const OneTimeTokenLifetime = 2 * time.Minute

// maxTokenCredentials bounds the list of a OneTimeTokenDraft.
const maxTokenCredentials = 100

// OneTimeToken is a token by which the page in a site's frame opens a session, once.
type OneTimeToken struct {
	Token     paycor.Secret
	ExpiresAt time.Time
}

// OneTimeTokenDraft is a one-time token to create for a person on an embedding site.
type OneTimeTokenDraft struct {
	Host        string // id of the site
	Origin      string // of the page around the frame; empty if the site has only one
	Tenant      string // of the person; empty at a site without tenants
	Person      Person
	Rights      paycor.Rights // within those that the site may grant
	Credentials []string      // allow-list; nil means all that the API token reaches
}

// For returns the draft without duplicates, with what it leaves to the site and to the
// API token.
func (d OneTimeTokenDraft) For(host Host, caller paycor.Caller) OneTimeTokenDraft {
	if d.Origin == "" && len(host.Origins) == 1 {
		d.Origin = host.Origins[0]
	}
	d.Person.Name, d.Person.Groups = strings.Join(strings.Fields(d.Person.Name), " "), distinct(d.Person.Groups)
	d.Rights = distinct(d.Rights)
	switch {
	case d.Credentials != nil: // an empty list stays one, and is a problem
		d.Credentials = append([]string{}, distinct(d.Credentials)...)
	case len(caller.Credentials) > 0:
		d.Credentials = slices.Clone(caller.Credentials)
	}
	return d
}

// Check returns what is wrong with a draft of For. A credential that does not exist is no
// problem, because the list only narrows what the person reaches.
func (d OneTimeTokenDraft) Check(host Host, scope Scope, caller paycor.Caller) []fields.Problem {
	var problems []fields.Problem
	wrong := func(field fields.Field, code fields.ProblemCode, key string, args ...any) {
		problems = append(problems, fields.Problem{Field: field, Code: code, Message: message.New(key, args...)})
	}
	switch {
	case d.Origin == "":
		wrong(fields.EmbedTokenOrigin, fields.ProblemRequired, "problem.embed-origin-required", strings.Join(host.Origins, ", "))
	case !slices.Contains(host.Origins, d.Origin):
		wrong(fields.EmbedTokenOrigin, fields.ProblemUnknownValue, "problem.embed-origin-unknown", strings.Join(host.Origins, ", "))
	}
	switch {
	case d.Person.Subject == "":
		wrong(fields.EmbedTokenSubject, fields.ProblemRequired, "problem.embed-subject", MaxSubject)
	case !d.Person.ValidSubject():
		wrong(fields.EmbedTokenSubject, fields.ProblemUnusualShape, "problem.embed-subject", MaxSubject)
	}
	if !d.Person.ValidName() {
		wrong(fields.EmbedTokenName, fields.ProblemUnusualShape, "problem.embed-name", MaxPersonName)
	}
	if !d.Person.ValidEmail() {
		wrong(fields.EmbedTokenEmail, fields.ProblemUnusualShape, "problem.embed-email", MaxEmail)
	}
	if !d.Person.ValidGroups() {
		wrong(fields.EmbedTokenGroups, fields.ProblemUnusualShape, "problem.embed-groups", MaxGroups, MaxSubject)
	}
	if scope.Tenant != "" && len(caller.Credentials) > 0 { // those are of the site's workspace
		wrong(fields.EmbedTokenTenant, fields.ProblemOutOfRange, "problem.embed-tenant-outside")
	}
	if len(d.Rights) == 0 {
		wrong(fields.EmbedTokenRights, fields.ProblemRequired, "problem.embed-right-required", scope.Rights)
	}
	for _, right := range d.Rights {
		if !scope.Rights.Has(right) {
			wrong(fields.EmbedTokenRights, fields.ProblemOutOfRange, "problem.embed-right-outside", scope.Rights)
			break
		}
	}
	outside := func(id string) bool { return !paycor.IsCredentialID(id) || !caller.Covers(id) }
	switch {
	case d.Credentials != nil && len(d.Credentials) == 0: // a site that found none does not mean all
		wrong(fields.EmbedTokenCredentials, fields.ProblemRequired, "problem.embed-credentials-empty")
	case len(d.Credentials) > maxTokenCredentials:
		wrong(fields.EmbedTokenCredentials, fields.ProblemTooLong, "problem.consumer-too-many", maxTokenCredentials)
	case slices.ContainsFunc(d.Credentials, outside):
		wrong(fields.EmbedTokenCredentials, fields.ProblemOutOfRange, "problem.embed-credential-outside")
	}
	return problems
}

// Caller returns the person on the site whom the token is for.
func (d OneTimeTokenDraft) Caller(host Host, scope Scope) paycor.Caller {
	caller := d.Person.Caller(host, scope)
	caller.Rights, caller.Credentials = d.Rights, d.Credentials
	return caller
}

// distinct returns a list without duplicates, in its order.
func distinct[S ~[]E, E comparable](list S) (kept S) {
	for _, one := range list {
		if !slices.Contains(kept, one) {
			kept = append(kept, one)
		}
	}
	return kept
}
