package appearance

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
)

func TestAStyleSheet(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                                 "",
		`{}`:                               "",
		`{"density":"comfortable"}`:        "",
		`{"radius":9,"density":"compact"}`: ":root{--round:9px;--round-small:6px;font-size:87.5%;}",
		`{"radius":0}`:                     ":root{--round:0px;--round-small:0px;}",
		`{"font":"Inter, 'Helvetica Neue', sans-serif"}`: `:root{--font:"Inter","Helvetica Neue",sans-serif;}`,
	} {
		a, problem := Parse(text)
		assert.True(t, problem.IsZero(), text)
		assert.Equal(t, want, a.Style())
	}
	a, problem := Parse(`{"light":{"accent":"#B3005E"}}`)
	require.True(t, problem.IsZero(), problem.In(locale.English))
	style := a.Style()
	assert.Contains(t, style, "--accent:light-dark(#b3005e,#8dbbff);", "the dark theme keeps its own")
	assert.Contains(t, style, "--on-accent:light-dark(#ffffff,#0b1a2e);")
	assert.Contains(t, style, "--surface:light-dark(#ffffff,#161d24);")
	assert.Contains(t, style, "--bad-soft:light-dark(#fdecec,#3a181b);")
}

// Whatever a site sends, nothing but colors, numbers and names of fonts is in the sheet.
func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]string{
		`{"light":{"accent":"red"}}`:                          "light.accent isn’t a color",
		`{"dark":{"text":"#fff"}}`:                            "dark.text isn’t a color",
		`{"light":{"accent":"#12345;"}}`:                      "light.accent",
		`{"radius":-1}`:                                       "radius is",
		`{"radius":25}`:                                       "radius is",
		`{"radius":1.5}`:                                      "isn’t what mount() takes",
		`{"font":"a;} body{display:none"}`:                    "font is",
		`{"font":"url(x)"}`:                                   "font is",
		`{"font":"Inter,,serif"}`:                             "font is",
		`{"font":"a,b,c,d,e,f,g,h,i"}`:                        "font is",
		`{"density":"tight"}`:                                 "density is",
		`{"accent":"#112233"}`:                                "isn’t what mount() takes",
		`{"light":{"accent":"#112233"}} {}`:                   "isn’t what mount() takes",
		`[]`:                                                  "isn’t what mount() takes",
		`{"font":"` + strings.Repeat("a", 2001) + `"}`:        "2000 bytes",
		`{"light":{"accent":"#ffcc00"}}`:                      "light.accent makes text or borders hard to see: #ffcc00 on #ffffff has a contrast of 1.5:1 and needs 4.5:1.",
		`{"light":{"text":"#999999"}}`:                        "light.text",
		`{"dark":{"surface":"#808080"}}`:                      "dark.",
		`{"light":{"background":"#000000"}}`:                  "light.",
		`{"light":{"text":"#aaaaaa","accent":"#ffcc00"}}`:     "light.text makes",
		`{"light":{"accent":"#ffcc00"},"dark":{"text":"#1"}}`: "dark.text isn’t a color",
	} {
		a, problem := Parse(text)
		assert.Contains(t, problem.In(locale.English), reason, text)
		assert.Empty(t, a.Style(), text)
	}
}

// A look that is accepted is legible: text in every color, on each of its backgrounds.
func TestWhatIsAcceptedIsLegible(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"light":{"accent":"#5b21b6","background":"#faf7ff"}}`,
		`{"light":{"accent":"#0070f3","background":"#ffffff"}}`, // hardly legible, so its tint is fainter
		`{"light":{"background":"#fffdf5","surface":"#fffefa","text":"#3b2f20","accent":"#9a3412"}}`,
		`{"dark":{"background":"#000000","surface":"#0a0a0a","text":"#ededed","accent":"#52a8ff"}}`,
	} {
		a, problem := Parse(text)
		require.True(t, problem.IsZero(), problem.In(locale.English))
		for _, theme := range themes {
			all := a.palette(theme).colors(theme)
			for _, on := range []string{"page", "surface", "raised", "sunken", "rest-soft", "accent-soft"} {
				assert.GreaterOrEqual(t, contrast(all["text"], all[on]), textContrast, "%s on %s", text, on)
			}
			for _, state := range states {
				assert.GreaterOrEqual(t, contrast(all[state], all[state+"-soft"]), textContrast, "%s: %s", text, state)
			}
			assert.GreaterOrEqual(t, contrast(all["on-accent"], all["accent"]), textContrast, text)
			assert.GreaterOrEqual(t, contrast(all["muted"], all["sunken"]), textContrast, text)
		}
	}
}

// The contrast is WCAG's.
func TestContrast(t *testing.T) {
	t.Parallel()
	assert.InDelta(t, 21, contrast(parseColor("#000000"), parseColor("#ffffff")), .001)
	assert.InDelta(t, 4.54, contrast(parseColor("#767676"), parseColor("#ffffff")), .01)
	assert.InDelta(t, 1, contrast(parseColor("#123456"), parseColor("#123456")), .001)
}

// The page's own colors are those of its style sheet.
func TestOwnColorsAreThoseOfTheStyleSheet(t *testing.T) {
	t.Parallel()
	sheet, err := os.ReadFile("../../../web/static/app.css")
	require.NoError(t, err)
	found := map[string][2]string{}
	long := func(text string) string {
		if len(text) == 4 {
			return "#" + strings.Repeat(text[1:2], 2) + strings.Repeat(text[2:3], 2) + strings.Repeat(text[3:4], 2)
		}
		return text
	}
	for _, match := range regexp.MustCompile(`--([a-z-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)`).FindAllStringSubmatch(string(sheet), -1) {
		found[match[1]] = [2]string{long(match[2]), long(match[3])}
	}
	assert.Equal(t, found, variables)
}

func FuzzParse(f *testing.F) {
	f.Add(`{"light":{"accent":"#5b21b6"},"radius":4,"font":"Inter, serif","density":"compact"}`)
	allowed := regexp.MustCompile(`^(?::root\{(?:--[a-z-]+:light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\);)*(?:--round:\d+px;--round-small:\d+px;)?(?:--font:[A-Za-z0-9 _",-]+;)?(?:font-size:87\.5%;)?\})?$`)
	f.Fuzz(func(t *testing.T, text string) {
		a, problem := Parse(text)
		if !problem.IsZero() && a.Style() != "" {
			t.Fatalf("it is refused and used: %q", text)
		}
		if !allowed.MatchString(a.Style()) {
			t.Fatalf("%q: %s", text, a.Style())
		}
	})
}
