package api

import "slices"

// Theme is whether a page is light or dark.
type Theme string

// Themes of a page.
const (
	ThemeSystem Theme = "system" // as the browser says
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// Themes returns the themes in the order in which they are offered.
func Themes() []Theme { return []Theme{ThemeSystem, ThemeLight, ThemeDark} }

// Valid reports whether there is such a theme.
func (t Theme) Valid() bool { return slices.Contains(Themes(), t) }
