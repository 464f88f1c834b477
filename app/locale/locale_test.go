//go:build !js

package locale_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
)

func TestTextFillsInArguments(t *testing.T) {
	c, err := locale.Parse("xx", `{"plain": "100% sure", "swap": "%[2]s before %[1]s", "cancel": "Halt"}`)
	require.NoError(t, err)
	assert.Equal(t, "100% sure", c.Text("plain"))
	assert.Equal(t, "b before a", c.Text("swap", "a", "b"))
	assert.Equal(t, "Halt", c.Text("cancel"))
	assert.Equal(t, locale.English.Text("save"), c.Text("save"), "a missing key falls back to English")
	assert.Equal(t, "no.such.key", c.Text("no.such.key", 1), "then to the key")
	assert.True(t, c.Has("swap"))
	assert.False(t, c.Has("save"))
	assert.Equal(t, []string{"cancel", "plain", "swap"}, c.Keys())
	assert.Equal(t, "xx", c.Tag())
}

func TestPluralChoosesTheForm(t *testing.T) {
	c, err := locale.Parse("xx", `{"day.one": "yesterday", "day.other": "%s days ago", "of.one": "%d of %s", "of.other": "%d all of %s"}`)
	require.NoError(t, err)
	assert.Equal(t, "yesterday", c.Plural("day", 1))
	assert.Equal(t, "0 days ago", c.Plural("day", 0))
	assert.Equal(t, "2 days ago", c.Plural("day", 2))
	assert.Equal(t, "1 of x", c.Plural("of", 1, 1, "x"))
	assert.Equal(t, "1,000 days ago", c.Plural("day", 1000))
}

func TestNumberGroupsDigits(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -999: "-999", -1000: "-1,000", 1234567: "1,234,567"} {
		assert.Equal(t, want, locale.English.Number(n))
	}
}

func TestParseRejectsWhatIsNotACatalogue(t *testing.T) {
	for _, text := range []string{"", "[]", `{"a": {"b": "c"}}`, `{"a": 1}`} {
		_, err := locale.Parse("xx", text)
		assert.Error(t, err, text)
	}
}

func TestMatchFollowsAcceptLanguage(t *testing.T) {
	for header, want := range map[string]string{
		"": "en", "en": "en", "en-US,en;q=0.9": "en", "de-DE, en-GB;q=0.5": "en", "fr": "en", "*": "en",
		";;q=,": "en", "en;q=2": "en", "en;q=x": "en", strings.Repeat("-", 1000): "en",
	} {
		assert.Equal(t, want, locale.Match(header).Tag(), header)
	}
}

func TestByTag(t *testing.T) {
	for _, tag := range []string{"en", "EN", "en-US", "en-Latn-US"} {
		c, ok := locale.ByTag(tag)
		require.True(t, ok, tag)
		assert.Same(t, locale.English, c, tag)
	}
	for _, tag := range []string{"", "tlh", "-", "e"} {
		_, ok := locale.ByTag(tag)
		assert.False(t, ok, tag)
	}
}

// The files stay sorted, one sentence a line, so that changes merge and a key is
// found at once.
func TestFilesAreSorted(t *testing.T) {
	var all []string
	for _, name := range []string{"en.json", "en.domain.json", "en.server.json"} {
		keys := keysOf(t, name)
		assert.True(t, slices.IsSorted(keys), name)
		all = append(all, keys...)
	}
	slices.Sort(all)
	assert.Equal(t, locale.English.Keys(), all, "a key is there once, on a line of its own")
}

// keysOf returns the keys of a file in its order.
func keysOf(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	var keys []string
	for line := range strings.SplitSeq(string(text), "\n") {
		if key, _, ok := strings.Cut(line, `": "`); ok {
			keys = append(keys, strings.TrimPrefix(key, "\t\""))
		}
	}
	return keys
}

// All sentences have the same apostrophe.
func TestApostrophesAreTypographic(t *testing.T) {
	for _, c := range locale.Catalogues() {
		for _, key := range c.Keys() {
			assert.NotContains(t, c.Text(key), "'", "%s: %s", c.Tag(), key)
		}
	}
}

// A translation has the same keys as English, and formats its arguments alike.
func TestTranslationsAreComplete(t *testing.T) {
	verbs := regexp.MustCompile(`%(\[\d\])?[sdq]`)
	for _, part := range []string{"", ".domain", ".server"} {
		english, spanish := "en"+part+".json", "es"+part+".json"
		assert.Equal(t, keysOf(t, english), keysOf(t, spanish), part)
		es, ok := locale.ByTag("es")
		require.True(t, ok)
		for _, key := range keysOf(t, english) {
			assert.True(t, es.Has(key), key)
			assert.Equal(t, order(verbs.FindAllString(locale.English.Text(key), -1)), order(verbs.FindAllString(es.Text(key), -1)), key)
		}
	}
}

// order sorts verbs that say their argument's number; others take the arguments in order.
func order(verbs []string) []string {
	if strings.Contains(strings.Join(verbs, ""), "[") {
		slices.Sort(verbs)
	}
	return verbs
}

// Spanish says usted everywhere, has one term for one thing and one kind of quotation
// marks, and writes e for y before an i.
func TestSpanishIsConsistent(t *testing.T) {
	es, ok := locale.ByTag("es")
	require.True(t, ok)
	familiar := `tú|tus?|tienes|puedes|detén|escríbel[ao]|revócalo|quítalo|corrige|averigua|compáralo|introd[uú]zca\pL*|introducir|añad[ae]`
	terms := `sitios? integrados?|derechos?|compañía|access token`
	wrong := regexp.MustCompile(`(?i)(^|[^\pL])(` + familiar + `|` + terms + `|y [ií]\pL*|y hi[^ae]\pL*)($|[^\pL])|[«»]`)
	// Help texts describe in the third person, which looks like the familiar imperative.
	imperative := regexp.MustCompile(`(^|[.;:] )(Indica|Vuelve|Restaura|Inicia|Ejecuta|Pide|Libera|Ajusta|Verifica|Conserva)[ :]`)
	for _, key := range es.Keys() {
		if key == "label.access_token" {
			continue // Paycor's own term
		}
		assert.Empty(t, wrong.FindString(es.Text(key)), "%s: %s", key, es.Text(key))
		if !strings.HasPrefix(key, "cli.help.") {
			assert.Empty(t, imperative.FindString(es.Text(key)), "%s: %s", key, es.Text(key))
		}
	}
}

func TestPseudoLocaleKeepsVerbs(t *testing.T) {
	c, ok := locale.ByTag(locale.Pseudo)
	require.True(t, ok)
	assert.Equal(t, "[Ñéŵ ţöķéñ ƒöŕ “Nightly” öñé ţŵö]", c.Text("renew.title", "Nightly"))
	assert.Equal(t, " áñð ", c.Text("and"))
	assert.Equal(t, locale.English.Keys(), c.Keys())
}
