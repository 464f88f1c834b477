package paycor

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest values that are taken, in characters. Paycor's own are far
// shorter; the limits keep a pasted file out of the store.
const (
	MaxName        = 100
	MaxDescription = 1000
	MaxValue       = 4096
)

// Persian words and joined emoji need these two, though nobody sees them.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// Rules are what Check has to know beyond the draft.
type Rules struct {
	Environments []Environment // the ones to choose from
	Stored       []Field       // secret fields that are saved already: blank means keep
	Verification bool          // only to be asked about: needs no name, and Paycor can tell the Legal Entity ID
}

// Report is what Check found.
type Report struct {
	Problems []Problem // block
	Warnings []Problem // are shown and may be overridden
}

// Swapped returns the warnings that a value belongs into another field.
func (r Report) Swapped() []Problem {
	var swapped []Problem
	for _, warning := range r.Warnings {
		if warning.Swap() {
			swapped = append(swapped, warning)
		}
	}
	return swapped
}

// Check tells what is wrong with a draft, in the order of the form and at
// most one problem a field. It is the one judge of a draft's form: the page
// calls it before it sends anything, the server before it believes anything.
func Check(draft Draft, rules Rules) Report {
	draft = draft.Clean()
	c := checker{draft: draft, rules: rules}
	c.name()
	c.description()
	c.environment()
	c.value(FieldClientID)
	c.value(FieldClientSecret)
	c.value(FieldSubscriptionKey)
	c.legalEntityID()
	c.value(FieldScope)
	c.grant()
	c.sameValues()
	c.shapes()
	return c.report
}

// checker gathers the report of one draft.
type checker struct {
	draft  Draft
	rules  Rules
	report Report
}

func (c *checker) problem(field Field, code ProblemCode, format string, arguments ...any) {
	if !c.blamed(field) {
		c.report.Problems = append(c.report.Problems, Problem{field, code, fmt.Sprintf(format, arguments...)})
	}
}

func (c *checker) blamed(field Field) bool {
	return slices.ContainsFunc(c.report.Problems, func(p Problem) bool { return p.Field == field })
}

func (c *checker) required(field Field) {
	c.problem(field, ProblemRequired, "Enter the %s.", field.Label())
}

func (c *checker) name() {
	name := c.draft.Name
	if name == "" && !c.rules.Verification {
		c.problem(FieldName, ProblemRequired, "Enter a Credential Name.")
	}
	c.text(FieldName, name, MaxName, false)
}

func (c *checker) description() {
	c.text(FieldDescription, c.draft.Description, MaxDescription, true)
}

// text checks free text: what a person reads must not hide anything.
func (c *checker) text(field Field, text string, most int, lines bool) {
	if !utf8.ValidString(text) {
		c.problem(field, ProblemNotText, "%s holds bytes that are no text. Type it again.", field.Label())
		return
	}
	if length := utf8.RuneCountInString(text); length > most {
		c.problem(field, ProblemTooLong, "%s has %d characters; the most is %d. Shorten it.", field.Label(), length, most)
	}
	for _, r := range text {
		if lines && (r == '\n' || r == '\r' || r == '\t') {
			continue
		}
		if hidden(r) && r != zeroWidthJoiner && r != zeroWidthNonJoiner {
			c.problem(field, ProblemInvisible, "%s holds an invisible character. Type it again instead of pasting it.", field.Label())
		}
	}
}

func (c *checker) environment() {
	chosen := c.draft.Environment
	if chosen == "" {
		c.problem(FieldEnvironment, ProblemRequired, "Choose the Environment.")
		return
	}
	names := make([]string, len(c.rules.Environments))
	for i, environment := range c.rules.Environments {
		if environment.Name == chosen {
			return
		}
		names[i] = environment.Name
	}
	c.problem(FieldEnvironment, ProblemUnknownValue, "There is no such Environment here. Choose one of: %s.", strings.Join(names, ", "))
}

func (c *checker) grant() {
	if c.draft.Grant != GrantClientCredentials && c.draft.Grant != GrantAuthorizationCode {
		c.problem(FieldGrant, ProblemUnknownValue, "There is no such Grant. Choose one of: %s, %s.", GrantClientCredentials, GrantAuthorizationCode)
	}
}

// value checks a value that is copied from Paycor. Such a value has no blank,
// no quote and no invisible character in it; where one came along with the
// copying, it is named, never the value.
func (c *checker) value(field Field) {
	value, label := c.draft.Value(field), field.Label()
	if !utf8.ValidString(value) {
		c.problem(field, ProblemNotText, "%s holds bytes that are no text. Copy it from Paycor again.", label)
		return
	}
	if length := utf8.RuneCountInString(value); length > MaxValue {
		c.problem(field, ProblemTooLong, "%s has %d characters; the most is %d. Copy only the value from Paycor.", label, length, MaxValue)
		return
	}
	cleaned, found := Mend(value)
	if cleaned == "" {
		if field != FieldScope && !(value == "" && slices.Contains(c.rules.Stored, field)) {
			c.required(field)
		} else if value != "" {
			c.problem(field, ProblemBlanks, "%s holds only blanks. Delete them.", label)
		}
		return
	}
	if len(found) > 0 {
		c.problem(field, found[0].Code, "%s %s. Remove %s, or copy the value from Paycor again.", label, found[0].What, found[0].Rest)
		return
	}
	if strings.ContainsFunc(value, unicode.IsSpace) {
		c.problem(field, ProblemBlanks, "%s has a blank inside. Copy only the value from Paycor.", label)
	}
}

func (c *checker) legalEntityID() {
	typed := c.draft.LegalEntityID
	if typed == "" {
		if !c.rules.Verification {
			c.required(FieldLegalEntityID)
		}
		return
	}
	switch _, err := typed.LegalEntityID(); err {
	case nil:
	case errOutOfRange:
		c.problem(FieldLegalEntityID, ProblemOutOfRange, "Legal Entity ID lies between 1 and %d. Look it up in Paycor's company settings.", MaxLegalEntityID)
	default:
		c.problem(FieldLegalEntityID, ProblemNotInteger, "Legal Entity ID is a whole number: digits only, such as 123456. Look it up in Paycor's company settings.")
	}
}

// sameValues finds one value in two fields: at least one of them is wrong.
func (c *checker) sameValues() {
	fields := []Field{FieldClientID, FieldClientSecret, FieldSubscriptionKey, FieldLegalEntityID, FieldScope}
	for i, later := range fields {
		for _, earlier := range fields[:i] {
			value := c.draft.Value(later)
			if value != "" && value == c.draft.Value(earlier) {
				c.problem(later, ProblemSameValue, "%s and %s hold the same value. Copy each from its own line in Paycor.", later.Label(), earlier.Label())
			}
		}
	}
}
