// Package appearance reads how an embedding site wants the page in its frame to look, checks
// that it stays legible, and writes the style sheet for it.
package appearance

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"

	"paycorcred/paycor/message"
)

// Appearance is how a site wants the page to look. The zero value is the page's own look.
type Appearance struct {
	Light   Palette `json:"light"`
	Dark    Palette `json:"dark"`
	Radius  *int    `json:"radius"`  // of corners, in CSS pixels, up to MaxRadius
	Font    string  `json:"font"`    // names of font families with commas between them
	Density Density `json:"density"` // empty means comfortable
}

// Palette has the colors of one theme, as #rrggbb. Empty ones are the page's own.
type Palette struct {
	Accent     string `json:"accent"`     // buttons and links
	Background string `json:"background"` // of the page
	Surface    string `json:"surface"`    // of cards and forms
	Text       string `json:"text"`
}

// Density is how close things are to each other.
type Density string

// The densities.
const (
	DensityComfortable Density = "comfortable"
	DensityCompact     Density = "compact"
)

const (
	// MaxRadius is the largest radius of corners, in CSS pixels.
	MaxRadius = 24

	maxText  = 2000 // bytes
	maxFonts = 8
)

var (
	colorPattern = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	fontPattern  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 _-]{0,39}$`)
)

// Parse reads an appearance from JSON. An empty text is the page's own look. The message
// says what is wrong, if anything is; then the look is the page's own.
func Parse(text string) (Appearance, message.Message) {
	var a Appearance
	if strings.TrimSpace(text) == "" {
		return a, message.Message{}
	}
	if len(text) > maxText {
		return a, message.New("appearance.long", maxText)
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&a)
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			err = nil
		} else {
			err = errors.New("there is more than one value")
		}
	}
	if err != nil {
		return Appearance{}, message.New("appearance.malformed", strings.TrimPrefix(err.Error(), "json: "))
	}
	if problems := a.check(); len(problems) > 0 {
		text := problems[0]
		for _, problem := range problems[1:] {
			text = message.New("list.sentences", text, problem)
		}
		return Appearance{}, text
	}
	return a, message.Message{}
}

// check returns what is wrong with an appearance.
func (a Appearance) check() (problems []message.Message) {
	for _, theme := range themes {
		for _, color := range a.palette(theme).named() {
			if color.value != "" && !colorPattern.MatchString(color.value) {
				problems = append(problems, message.New("appearance.color", string(theme)+"."+color.name))
			}
		}
	}
	if a.Radius != nil && (*a.Radius < 0 || *a.Radius > MaxRadius) {
		problems = append(problems, message.New("appearance.radius", MaxRadius))
	}
	if a.Font != "" && len(fontNames(a.Font)) == 0 {
		problems = append(problems, message.New("appearance.font", maxFonts))
	}
	if a.Density != "" && a.Density != DensityComfortable && a.Density != DensityCompact {
		problems = append(problems, message.New("appearance.density"))
	}
	if len(problems) > 0 {
		return problems
	}
	for _, theme := range themes {
		if palette := a.palette(theme); palette != (Palette{}) {
			problems = append(problems, palette.illegible(theme)...)
		}
	}
	return problems
}

func (a Appearance) palette(t theme) Palette {
	if t == light {
		return a.Light
	}
	return a.Dark
}

// namedColor is a color that a site can set.
type namedColor struct{ name, value string }

func (p Palette) named() []namedColor {
	return []namedColor{{"accent", p.Accent}, {"background", p.Background}, {"surface", p.Surface}, {"text", p.Text}}
}

// fontNames returns the families of a list, or nothing if one of them is no name of a font.
func fontNames(list string) []string {
	names := strings.Split(list, ",")
	if len(names) > maxFonts {
		return nil
	}
	for i, name := range names {
		names[i] = strings.Trim(strings.TrimSpace(name), `"'`)
		if !fontPattern.MatchString(names[i]) {
			return nil
		}
	}
	return names
}
