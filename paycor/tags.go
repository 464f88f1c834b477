package paycor

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Bounds of a credential's tags.
const (
	maxTags      = 20
	maxTagLength = 40 // characters
)

// Tags are the words that group credentials, as one text: separated by commas, and once
// Clean was called in lower case, sorted and each once. In JSON they are a list.
type Tags string

// List returns the tags one by one.
func (t Tags) List() []string {
	list := []string{}
	for tag := range strings.SplitSeq(string(t), ",") {
		if tag = strings.Join(strings.Fields(tag), " "); tag != "" {
			list = append(list, tag)
		}
	}
	return list
}

// With returns the tags with further ones.
func (t Tags) With(further Tags) Tags { return (t + "," + further).clean() }

// Without returns the tags without some, in any case.
func (t Tags) Without(some Tags) Tags {
	gone := some.clean().List()
	return Tags(strings.Join(slices.DeleteFunc(t.clean().List(), func(tag string) bool { return slices.Contains(gone, tag) }), ", "))
}

// clean returns the tags as they are stored. What is not text stays as it is, so that
// Check can say so.
func (t Tags) clean() Tags {
	if !utf8.ValidString(string(t)) {
		return t
	}
	list := Tags(strings.ToLower(string(t))).List()
	slices.Sort(list)
	return Tags(strings.Join(slices.Compact(list), ", "))
}

// MarshalJSON writes a list of texts.
func (t Tags) MarshalJSON() ([]byte, error) { return json.Marshal(t.List()) }

// UnmarshalJSON accepts a list of texts. null is no list, as for other fields.
func (t *Tags) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*t = Tags(strings.Join(list, ", "))
	return nil
}

// tags checks the number of tags and their lengths.
func (c *checker) tags(spec FieldSpec) {
	list := c.draft.Tags.List()
	if len(list) > spec.MaxItems {
		c.problem(spec.Field, fields.ProblemTooLong, message.New("problem.tags-too-many", len(list), spec.MaxItems))
		return
	}
	for _, tag := range list {
		if length := utf8.RuneCountInString(tag); length > spec.Max {
			c.problem(spec.Field, fields.ProblemTooLong, message.New("problem.tag-too-long", length, spec.Max))
			return
		}
	}
	c.text(spec.Field, string(c.draft.Tags), spec.MaxItems*(spec.Max+len(", ")), "")
}
