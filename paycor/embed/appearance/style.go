package appearance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// generic are the families that a browser knows by these names. They are not quoted.
var generic = []string{"serif", "sans-serif", "monospace", "system-ui", "ui-serif", "ui-sans-serif", "ui-monospace", "ui-rounded"}

// Style returns the style sheet of an appearance, or nothing for the page's own look. It
// comes after the page's own sheet.
func (a Appearance) Style() string {
	var b strings.Builder
	if a.Light != (Palette{}) || a.Dark != (Palette{}) {
		inLight, inDark := a.Light.colors(light), a.Dark.colors(dark)
		for _, variable := range slices.Sorted(maps.Keys(variables)) {
			fmt.Fprintf(&b, "--%s:light-dark(%s,%s);", variable, inLight[variable], inDark[variable])
		}
	}
	if a.Radius != nil {
		fmt.Fprintf(&b, "--round:%dpx;--round-small:%dpx;", *a.Radius, *a.Radius*2/3)
	}
	if a.Font != "" {
		names := fontNames(a.Font)
		for i, name := range names {
			if !slices.Contains(generic, name) {
				names[i] = `"` + name + `"`
			}
		}
		fmt.Fprintf(&b, "--font:%s;", strings.Join(names, ","))
	}
	if a.Density == DensityCompact {
		b.WriteString("font-size:87.5%;")
	}
	if b.Len() == 0 {
		return ""
	}
	return ":root{" + b.String() + "}"
}
