package appearance

import (
	"cmp"
	"strconv"

	"paycorcred/paycor/message"
)

// theme is a theme of the page.
type theme string

const (
	light theme = "light"
	dark  theme = "dark"
)

var themes = []theme{light, dark}

// variables are the colors of the page's style sheet that an appearance replaces, with their
// own values in the light and in the dark theme.
var variables = map[string][2]string{
	"page": {"#f4f6f8", "#0e1318"}, "surface": {"#ffffff", "#161d24"}, "raised": {"#ffffff", "#1a222b"}, "sunken": {"#f7f9fa", "#121920"},
	"text": {"#15202b", "#e8edf2"}, "muted": {"#54616e", "#a5b1bd"}, "line": {"#dde3e8", "#2a343f"}, "edge": {"#7c8894", "#7d8b99"},
	"accent": {"#1257b8", "#8dbbff"}, "accent-strong": {"#0d4797", "#b3d2ff"}, "on-accent": {"#ffffff", "#0b1a2e"}, "accent-soft": {"#eaf2fd", "#17283f"},
	"good": {"#12693a", "#7fd8a3"}, "good-soft": {"#e4f4ea", "#14301f"}, "bad": {"#a51d2a", "#ff9c9c"}, "bad-soft": {"#fdecec", "#3a181b"},
	"odd": {"#774700", "#f3c773"}, "odd-soft": {"#fff3da", "#332509"}, "away": {"#4b4a72", "#c0bff0"}, "away-soft": {"#ececf7", "#25253f"},
	"rest-soft": {"#edf0f3", "#232c35"},
}

// states are the colors of states, which no site can set.
var states = []string{"good", "bad", "odd", "away"}

// own returns the page's own value of a variable.
func own(t theme, variable string) color {
	if t == light {
		return parseColor(variables[variable][0])
	}
	return parseColor(variables[variable][1])
}

// colors returns the values of all variables with a palette.
func (p Palette) colors(t theme) map[string]color {
	all := map[string]color{}
	for variable := range variables {
		all[variable] = own(t, variable)
	}
	if p == (Palette{}) {
		return all
	}
	chosen := func(value, variable string) color {
		return parseColor(cmp.Or(value, own(t, variable).String()))
	}
	page, surface, text, accent := chosen(p.Background, "page"), chosen(p.Surface, "surface"), chosen(p.Text, "text"), chosen(p.Accent, "accent")
	all["page"], all["surface"], all["raised"], all["text"], all["accent"] = page, surface, surface, text, accent
	if p.Surface != "" || p.Text != "" || p.Background != "" {
		all["sunken"], all["line"], all["rest-soft"] = surface.mix(text, .04), surface.mix(text, .16), surface.mix(text, .08)
		all["muted"] = faintest(text, surface, .25, func(c color) bool {
			return contrast(c, surface) >= textContrast && contrast(c, page) >= textContrast && contrast(c, all["sunken"]) >= textContrast
		})
		all["edge"] = faintest(text, surface, .45, func(c color) bool { return contrast(c, surface) >= edgeContrast })
		for _, state := range states {
			all[state+"-soft"] = tint(surface, all[state])
		}
	}
	all["accent-strong"], all["accent-soft"] = accent.mix(text, .25), tint(surface, accent)
	all["on-accent"] = color{255, 255, 255}
	if ink := (color{11, 26, 46}); contrast(ink, accent) > contrast(all["on-accent"], accent) {
		all["on-accent"] = ink
	}
	return all
}

// faintest returns text with the largest share of a surface, up to a limit, that suffices.
func faintest(text, surface color, share float64, suffices func(color) bool) color {
	for ; share > 0; share -= .02 {
		if mixed := text.mix(surface, share); suffices(mixed) {
			return mixed
		}
	}
	return text
}

// tint returns a surface with so much of a color, up to a tenth, that text in the color is
// legible on it.
func tint(surface, of color) color {
	return faintest(surface, of, .1, func(c color) bool { return contrast(of, c) >= textContrast })
}

// What WCAG 2.2 demands of text, and of the borders of fields.
const textContrast, edgeContrast = 4.5, 3.0

// illegible returns where the contrast of a palette is too low.
func (p Palette) illegible(t theme) (problems []message.Message) {
	all := p.colors(t)
	type pair struct {
		setting   string // of the site, that decides
		text, on  string
		sufficing float64
	}
	pairs := []pair{
		{"text", "text", "page", textContrast}, {"text", "text", "surface", textContrast}, {"text", "muted", "surface", textContrast}, {"text", "muted", "page", textContrast},
		{"accent", "accent", "surface", textContrast}, {"accent", "accent", "page", textContrast}, {"accent", "accent-strong", "surface", textContrast},
		{"accent", "on-accent", "accent", textContrast}, {"accent", "on-accent", "accent-strong", textContrast}, {"accent", "accent", "accent-soft", textContrast},
		{"accent", "text", "accent-soft", textContrast}, {"text", "text", "rest-soft", textContrast}, {"text", "muted", "sunken", textContrast}, {"text", "edge", "surface", edgeContrast},
		{"text", "muted", "accent-soft", textContrast}, {"text", "muted", "rest-soft", textContrast}, {"text", "edge", "page", edgeContrast},
	}
	for _, state := range states {
		pairs = append(pairs, pair{"surface", state, "surface", textContrast}, pair{"background", state, "page", textContrast},
			pair{"surface", state, state + "-soft", textContrast}, pair{"surface", "text", state + "-soft", textContrast}, pair{"surface", state, "sunken", textContrast})
	}
	told := map[string]bool{}
	for _, one := range pairs {
		ratio := contrast(all[one.text], all[one.on])
		if ratio < one.sufficing && !told[one.setting] {
			told[one.setting] = true
			problems = append(problems, message.New("appearance.contrast", string(t)+"."+one.setting, all[one.text].String(), all[one.on].String(),
				strconv.FormatFloat(ratio, 'f', 1, 64), strconv.FormatFloat(one.sufficing, 'f', 1, 64)))
		}
	}
	return problems
}
