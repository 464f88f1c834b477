package paycor

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// The longest values that are accepted, in characters. Paycor's own are far shorter; the
// limits keep a pasted file out of the store.
const (
	maxName        = 100
	maxDescription = 1000
	maxValue       = 4096
)

// Rules are the parameters of Check.
type Rules struct {
	Environments []Environment  // to choose from
	Stored       []fields.Field // secret fields that are saved: blank means keep
	Verification bool           // only verifies: the name may be blank, and Paycor can list the legal entities

	// StoredEnvironment is the environment of the credential being changed or
	// verified, or empty. A saved secret is sent only to that environment: a
	// draft for another one must contain the secret.
	StoredEnvironment string
}

// Report is the result of Check.
type Report struct {
	Problems []fields.Problem // errors, which block saving
	Warnings []fields.Problem // shown, can be overridden
}

// Swapped returns the warnings that a value belongs in another field.
func (r Report) Swapped() []fields.Problem {
	var swapped []fields.Problem
	for _, warning := range r.Warnings {
		if warning.Swap() {
			swapped = append(swapped, warning)
		}
	}
	return swapped
}

// Check returns what is wrong with a draft, in the order of the form and at most one
// problem per field. It is the only check of a draft: the page calls it before sending
// anything, the server before accepting anything.
func Check(draft Draft, rules Rules) Report {
	draft = draft.Clean()
	c := checker{draft: draft, rules: rules}
	for _, spec := range fieldTable {
		c.field(spec)
	}
	c.sameValues()
	c.leakedSecrets()
	c.shapes()
	slices.SortStableFunc(c.report.Problems, func(a, b fields.Problem) int {
		return formIndex(a.Field) - formIndex(b.Field)
	})
	return c.report
}

// formIndex returns the position of a field in the form.
func formIndex(field fields.Field) int {
	return slices.IndexFunc(fieldTable, func(s FieldSpec) bool { return s.Field == field })
}

// checker builds the report of one draft.
type checker struct {
	draft  Draft
	rules  Rules
	report Report
}

// field checks one field by itself.
func (c *checker) field(spec FieldSpec) {
	switch spec.Field {
	case fields.Environment:
		c.environment()
	case fields.LegalEntityID:
		c.legalEntityID()
	case fields.Grant:
		c.grant()
	case fields.RotateBy:
		c.rotateBy()
	case fields.Tags:
		c.tags(spec)
	default:
		if spec.FreeText() {
			c.freeText(spec)
		} else {
			c.value(spec)
		}
	}
}

func (c *checker) problem(field fields.Field, code fields.ProblemCode, sentence message.Message) {
	if !c.hasProblem(field) {
		c.report.Problems = append(c.report.Problems, fields.Problem{Field: field, Code: code, Message: sentence})
	}
}

func (c *checker) hasProblem(field fields.Field) bool {
	return slices.ContainsFunc(c.report.Problems, func(p fields.Problem) bool { return p.Field == field })
}

// freeText checks a text that people write themselves.
func (c *checker) freeText(spec FieldSpec) {
	text, allowed := c.draft.Value(spec.Field), ""
	if spec.Input == fields.InputLines {
		allowed = "\n\r\t"
	}
	c.text(spec.Field, text, spec.Max, allowed)
	if spec.Optional || strings.ContainsFunc(text, visible) {
		return
	}
	switch {
	case spec.Field != fields.Name:
		c.problem(spec.Field, fields.ProblemRequired, message.New("problem.required", spec.Field.Label()))
	case !c.rules.Verification:
		c.problem(spec.Field, fields.ProblemRequired, message.New("problem.name-required"))
	}
}

// text checks free text, which must not contain anything a reader cannot see.
// Some invisible characters are allowed.
func (c *checker) text(field fields.Field, text string, most int, allowed string) {
	if !utf8.ValidString(text) {
		c.problem(field, fields.ProblemNotText, message.New("problem.text-not-text", field.Label()))
		return
	}
	if length := utf8.RuneCountInString(text); length > most {
		c.problem(field, fields.ProblemTooLong, message.New("problem.text-too-long", field.Label(), length, most))
		return
	}
	at := strings.IndexFunc(text, func(r rune) bool {
		return hidden(r) && !shapesNeighbor(r) && !strings.ContainsRune(allowed, r)
	})
	if at < 0 {
		return
	}
	if r, _ := utf8.DecodeRuneInString(text[at:]); unicode.IsSpace(r) {
		c.problem(field, fields.ProblemInvisible, message.New("problem.text-line-break", field.Label()))
		return
	}
	c.problem(field, fields.ProblemInvisible, message.New("problem.text-invisible", field.Label()))
}

// shapesNeighbor reports whether a character is invisible by itself but needed by words
// or emoji: joiners of Persian and emoji, and variation selectors.
func shapesNeighbor(r rune) bool {
	return r == '\u200c' || r == '\u200d' || unicode.Is(unicode.Variation_Selector, r)
}

func visible(r rune) bool { return !hidden(r) && !unicode.IsSpace(r) }

func (c *checker) environment() {
	chosen := c.draft.Environment
	if chosen == "" {
		c.problem(fields.Environment, fields.ProblemRequired, message.New("problem.environment-required"))
		return
	}
	if len(c.rules.Environments) == 0 {
		c.problem(fields.Environment, fields.ProblemUnknownValue, message.New("problem.environment-none"))
		return
	}
	names := make([]string, len(c.rules.Environments))
	for i, environment := range c.rules.Environments {
		if environment.Name == chosen {
			return
		}
		names[i] = environment.Name
	}
	c.problem(fields.Environment, fields.ProblemUnknownValue, message.New("problem.environment-unknown", strings.Join(names, ", ")))
}

func (c *checker) grant() {
	if c.draft.Grant != GrantClientCredentials && c.draft.Grant != GrantAuthorizationCode {
		c.problem(fields.Grant, fields.ProblemUnknownValue, message.New("problem.grant-unknown", GrantClientCredentials, GrantAuthorizationCode))
	}
}

func (c *checker) rotateBy() {
	if problem, wrong := c.draft.RotateBy.problem(); wrong {
		c.problem(problem.Field, problem.Code, problem.Message)
	}
}

// value checks a value that is copied from Paycor. It must not contain a space,
// a quote or an invisible character. Problems name paste artifacts, never the
// value.
func (c *checker) value(spec FieldSpec) {
	field := spec.Field
	value, label := c.draft.Value(field), field.Label()
	if !isText(value) {
		c.problem(field, fields.ProblemNotText, message.New("problem.value-not-text", label))
		return
	}
	if length := utf8.RuneCountInString(value); length > spec.Max {
		c.problem(field, fields.ProblemTooLong, message.New("problem.value-too-long", label, length, spec.Max))
		return
	}
	cleaned, found := normalize(value)
	switch {
	case cleaned == "":
		c.empty(field, spec.Optional, found)
	case len(found) > 0:
		c.artifacts(field, found)
	case strings.ContainsAny(value, lineBreaks):
		c.problem(field, fields.ProblemBlanks, message.New("problem.value-line-break", label))
	case strings.ContainsFunc(value, unicode.IsSpace):
		c.problem(field, fields.ProblemBlanks, message.New("problem.value-space", label))
	}
}

// isText reports whether the text was valid UTF-8: decoders replace what they cannot
// read with U+FFFD.
func isText(text string) bool { return !strings.ContainsRune(text, utf8.RuneError) }

// empty checks a field that is empty after normalize.
func (c *checker) empty(field fields.Field, optional bool, found []PasteArtifact) {
	moved := field.Secret() && c.draft.ChangesEnvironment(c.rules.StoredEnvironment)
	value, stored := c.draft.Value(field), slices.Contains(c.rules.Stored, field) && !moved
	optional = optional || stored || field == fields.LegalEntityID && c.rules.Verification
	switch {
	case moved && c.hasProblem(fields.Environment): // the environment comes first, because secrets belong to one
	case moved:
		c.problem(field, fields.ProblemRequired, message.New("problem.required-moved", field.Label()))
	case !optional:
		c.problem(field, fields.ProblemRequired, message.New("problem.required", field.Label()))
	case value == "":
	case strings.ContainsFunc(value, visible):
		c.artifacts(field, found)
	case stored:
		c.problem(field, fields.ProblemBlanks, message.New("problem.looks-empty-stored", field.Label()))
	default:
		c.problem(field, fields.ProblemBlanks, message.New("problem.looks-empty", field.Label()))
	}
}

// artifacts names everything that was copied along with a value.
func (c *checker) artifacts(field fields.Field, found []PasteArtifact) {
	c.problem(field, found[0].Code, artifactMessage(field, found))
}

func artifactMessage(field fields.Field, found []PasteArtifact) message.Message {
	what, rest := make([]message.Message, len(found)), make([]message.Message, len(found))
	for i, artifact := range found {
		what[i], rest[i] = artifact.What(), artifact.Rest()
	}
	return message.New("problem.artifacts", field.Label(), message.List(what), message.List(rest))
}

func (c *checker) legalEntityID() {
	const field = fields.LegalEntityID
	typed := c.draft.LegalEntityID
	_, err := typed.LegalEntityID()
	if err == nil {
		return
	}
	cleaned, found := string(typed), []PasteArtifact(nil)
	if len(cleaned) <= maxValue {
		cleaned, found = NormalizeField(field, cleaned)
	}
	other := fieldOfShape(cleaned)
	switch {
	case cleaned == "":
		c.empty(field, false, found)
	case !isText(cleaned):
		c.problem(field, fields.ProblemNotText, message.New("problem.entity-not-text"))
	case err == errOutOfRange:
		c.problem(field, fields.ProblemOutOfRange, message.New("problem.entity-out-of-range", MaxLegalEntityID))
	case other == field:
		c.artifacts(field, found)
	case other != "":
		c.problem(field, fields.ProblemNotInteger, message.New("problem.entity-looks-like", field.Label(), other.Label()))
	default:
		c.problem(field, fields.ProblemNotInteger, message.New("problem.entity-not-integer"))
	}
}

// sameValues finds one value in two fields, of which at least one is wrong. It blames
// the later one, unless only that one has the shape of its field.
func (c *checker) sameValues() {
	names := []fields.Field{fields.ClientID, fields.ClientSecret, fields.SubscriptionKey, fields.LegalEntityID, fields.Scope}
	for i, later := range names {
		for _, earlier := range names[:i] {
			value := c.draft.Value(later)
			if value == "" || value != c.draft.Value(earlier) {
				continue
			}
			wrong, right := later, earlier
			if hasUsualShape(later, value) && !hasUsualShape(earlier, value) {
				wrong, right = earlier, later
			}
			c.problem(wrong, fields.ProblemSameValue, message.New("problem.same-value", wrong.Label(), right.Label()))
		}
	}
}

// leakedSecrets finds a secret in a text that everybody with access to the
// credential can read and that audit entries repeat. Case does not matter, because tags
// are stored in lower case. Values shorter than MinSecretLength may match by chance.
func (c *checker) leakedSecrets() {
	for _, spec := range fieldTable {
		if !spec.FreeText() {
			continue
		}
		text, value := spec.Field, strings.ToLower(c.draft.Value(spec.Field))
		for _, field := range []fields.Field{fields.ClientSecret, fields.SubscriptionKey} {
			secret := c.draft.Value(field)
			if len(secret) >= MinSecretLength && strings.Contains(value, strings.ToLower(secret)) {
				c.problem(text, fields.ProblemSameValue, message.New("problem.reveals-secret", text.Label(), field.Label()))
			}
		}
	}
}
