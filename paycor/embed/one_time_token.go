package embed

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// OneTimeTokenLifetime is how long a one-time token can be exchanged for a session.
const OneTimeTokenLifetime = 2 * time.Minute

// Limits of a OneTimeTokenDraft. Lengths are in characters.
const (
	MaxSubject          = 128
	maxPersonName       = 100
	maxTokenCredentials = 100
)

// OneTimeToken is a token by which the page in a site's frame opens a session, once.
type OneTimeToken struct {
	Token     paycor.Secret
	ExpiresAt time.Time
}

// OneTimeTokenDraft is a one-time token to create for a person on an embedding site.
type OneTimeTokenDraft struct {
	Host        string        // id of the site
	Origin      string        // of the page around the frame; empty if the site has only one
	Subject     string        // the person, by an id of the site
	Name        string        // of the person, for the page and the history; empty means Subject
	Rights      paycor.Rights // within those that the site may grant
	Credentials []string      // allow-list; empty means all that the API token reaches
}

// For returns the draft without duplicates, with what it leaves to the site and to the
// API token.
func (d OneTimeTokenDraft) For(host Host, caller paycor.Caller) OneTimeTokenDraft {
	if d.Origin == "" && len(host.Origins) == 1 {
		d.Origin = host.Origins[0]
	}
	d.Name = strings.Join(strings.Fields(d.Name), " ")
	d.Rights, d.Credentials = distinct(d.Rights), distinct(d.Credentials)
	if len(d.Credentials) == 0 {
		d.Credentials = slices.Clone(caller.Credentials)
	}
	return d
}

// Check returns what is wrong with a draft of For. A credential that does not exist is no
// problem, because the list only narrows what the person reaches.
func (d OneTimeTokenDraft) Check(host Host, caller paycor.Caller) []fields.Problem {
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
	case d.Subject == "":
		wrong(fields.EmbedTokenSubject, fields.ProblemRequired, "problem.embed-subject", MaxSubject)
	case !IsLabel(d.Subject, MaxSubject):
		wrong(fields.EmbedTokenSubject, fields.ProblemUnusualShape, "problem.embed-subject", MaxSubject)
	}
	if d.Name != "" && !IsLabel(d.Name, maxPersonName) {
		wrong(fields.EmbedTokenName, fields.ProblemUnusualShape, "problem.embed-name", maxPersonName)
	}
	if len(d.Rights) == 0 {
		wrong(fields.EmbedTokenRights, fields.ProblemRequired, "problem.embed-right-required", host.Rights)
	}
	for _, right := range d.Rights {
		if !host.Rights.Has(right) {
			wrong(fields.EmbedTokenRights, fields.ProblemOutOfRange, "problem.embed-right-outside", host.Rights)
			break
		}
	}
	outside := func(id string) bool { return !paycor.IsCredentialID(id) || !caller.Covers(id) }
	switch {
	case len(d.Credentials) > maxTokenCredentials:
		wrong(fields.EmbedTokenCredentials, fields.ProblemTooLong, "problem.consumer-too-many", maxTokenCredentials)
	case slices.ContainsFunc(d.Credentials, outside):
		wrong(fields.EmbedTokenCredentials, fields.ProblemOutOfRange, "problem.embed-credential-outside")
	}
	return problems
}

// Caller returns the person on the site whom the token is for.
func (d OneTimeTokenDraft) Caller(host Host) paycor.Caller {
	caller := Person(host, d.Subject, d.Name)
	caller.Rights, caller.Credentials = d.Rights, d.Credentials
	return caller
}

// Person returns the caller that a person on a site is, without rights. An empty name
// means the subject, the site's id of the person.
func Person(host Host, subject, name string) paycor.Caller {
	return paycor.Caller{
		Kind: paycor.CallerEmbedded, ID: host.ID + "/" + subject, Name: cmp.Or(name, subject) + " (" + host.Name + ")", Workspace: host.Workspace,
	}
}

// IsLabel reports whether a text can be shown: it is present, at most limit characters
// long, and has no invisible ones.
func IsLabel(text string, limit int) bool {
	return strings.TrimSpace(text) != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= limit &&
		!strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) })
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
