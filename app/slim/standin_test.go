package main

import (
	stdhtml "html"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/slim/_standin/html"
	"paycorcred/app/slim/_standin/uuid"
)

func TestTextIsEscapedAsGoDoes(t *testing.T) {
	for _, text := range []string{"", "plain ü", `<a href="x" title='y'>&amp;&lt;</a>`} {
		assert.Equal(t, stdhtml.EscapeString(text), html.EscapeString(text))
	}
}

func TestIdentifiersAreRandom(t *testing.T) {
	first, second := uuid.NewString(), uuid.NewString()
	assert.Regexp(t, regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`), first)
	assert.NotEqual(t, first, second)
}
