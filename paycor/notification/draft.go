package notification

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Limits of a channel.
const (
	maxName        = 100 // characters
	maxTags        = 20
	maxCredentials = 100
)

// Draft is a channel to add.
type Draft struct {
	Type     Type
	Name     string
	Address  string // URL, which may be a secret, or e-mail addresses
	Language string // BCP 47 tag
	Filter
}

// Patch is a change to a channel. Nil keeps a value.
type Patch struct {
	Name        *string
	Address     *string
	Language    *string
	Kinds       *[]Kind
	Tags        *[]string
	Credentials *[]string
	Enabled     *bool // true enables a disabled channel again
}

// Over returns the patched channel without an address, unless the patch has one.
func (p Patch) Over(channel Channel) Draft {
	draft := Draft{Type: channel.Type, Name: channel.Name, Language: channel.Language, Filter: channel.Filter}
	overlay(&draft.Name, p.Name)
	overlay(&draft.Address, p.Address)
	overlay(&draft.Language, p.Language)
	overlay(&draft.Kinds, p.Kinds)
	overlay(&draft.Tags, p.Tags)
	overlay(&draft.Credentials, p.Credentials)
	return draft
}

// overlay replaces *base if the patch has a value.
func overlay[T any](base *T, patch *T) {
	if patch != nil {
		*base = *patch
	}
}

// Clean returns the draft with values trimmed, and its kinds in their usual order.
func (d Draft) Clean() Draft {
	d.Name, d.Address, d.Language = strings.Join(strings.Fields(d.Name), " "), strings.TrimSpace(d.Address), strings.TrimSpace(d.Language)
	if d.Type == "" {
		d.Type = TypeWebhook
	}
	if d.Type == TypeEmail {
		d.Address = strings.Join(Recipients(d.Address), ", ")
	}
	ordered := slices.DeleteFunc(Kinds(), func(kind Kind) bool { return !slices.Contains(d.Kinds, kind) })
	for _, kind := range d.Kinds {
		if !kind.Valid() { // so that Check says so
			ordered = append(ordered, kind)
		}
	}
	d.Kinds = ordered
	d.Tags = paycor.Tags(strings.Join(d.Tags, ",")).List()
	if d.Tags == nil {
		d.Tags = []string{}
	}
	if d.Credentials = slices.Clone(d.Credentials); d.Credentials == nil {
		d.Credentials = []string{}
	}
	return d
}

// Check returns what is wrong with a cleaned draft. addressed says that its address is
// needed; else an empty one keeps what is saved.
func Check(d Draft, addressed bool) []fields.Problem {
	var problems []fields.Problem
	wrong := func(field fields.Field, code fields.ProblemCode, sentence message.Message) {
		problems = append(problems, fields.Problem{Field: field, Code: code, Message: sentence})
	}
	if !slices.Contains(Types(), d.Type) {
		wrong(fields.ChannelType, fields.ProblemUnknownValue, message.New("problem.channel-type", string(d.Type)))
	}
	switch {
	case d.Name == "":
		wrong(fields.ChannelName, fields.ProblemRequired, message.New("problem.channel-name-required"))
	case utf8.RuneCountInString(d.Name) > maxName:
		wrong(fields.ChannelName, fields.ProblemTooLong, message.New("problem.consumer-name-too-long", maxName))
	case !utf8.ValidString(d.Name) || strings.ContainsFunc(d.Name, func(c rune) bool { return !unicode.IsPrint(c) }):
		wrong(fields.ChannelName, fields.ProblemNotText, message.New("problem.name-invisible"))
	}
	switch {
	case d.Address == "" && addressed && d.Type == TypeEmail:
		wrong(fields.ChannelAddress, fields.ProblemRequired, message.New("problem.channel-recipients-required"))
	case d.Address == "" && addressed:
		wrong(fields.ChannelAddress, fields.ProblemRequired, message.New("problem.channel-address-required"))
	case d.Address == "" || HostOf(d.Type, d.Address) != "":
	case d.Type == TypeEmail:
		wrong(fields.ChannelAddress, fields.ProblemUnusualShape, recipientsProblem(d.Address))
	default:
		wrong(fields.ChannelAddress, fields.ProblemUnusualShape, message.New("problem.channel-address"))
	}
	if len(d.Kinds) == 0 {
		wrong(fields.ChannelKinds, fields.ProblemRequired, message.New("problem.channel-kinds-required"))
	}
	for _, kind := range d.Kinds {
		if !kind.Valid() {
			wrong(fields.ChannelKinds, fields.ProblemUnknownValue, message.New("problem.channel-kind-unknown", string(kind)))
			break
		}
	}
	if len(d.Tags) > maxTags {
		wrong(fields.ChannelTags, fields.ProblemTooLong, message.New("problem.channel-tags", maxTags))
	}
	if len(d.Credentials) > maxCredentials {
		wrong(fields.ChannelCredentials, fields.ProblemTooLong, message.New("problem.channel-credentials", maxCredentials))
	}
	return problems
}
