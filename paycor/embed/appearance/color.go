package appearance

import (
	"fmt"
	"math"
	"strconv"
)

// color is a color of sRGB.
type color struct{ red, green, blue uint8 }

// parseColor reads a color as #rrggbb.
func parseColor(text string) color {
	value, _ := strconv.ParseUint(text[1:], 16, 32) // it was checked
	return color{uint8(value >> 16), uint8(value >> 8), uint8(value)}
}

func (c color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.red, c.green, c.blue) }

// mix returns a color with a share of another one, from 0 to 1.
func (c color) mix(other color, share float64) color {
	between := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-share) + float64(b)*share)) }
	return color{between(c.red, other.red), between(c.green, other.green), between(c.blue, other.blue)}
}

// luminance returns the relative luminance as WCAG 2.2 defines it.
func (c color) luminance() float64 {
	linear := func(channel uint8) float64 {
		value := float64(channel) / 255
		if value <= 0.04045 {
			return value / 12.92
		}
		return math.Pow((value+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.red) + 0.7152*linear(c.green) + 0.0722*linear(c.blue)
}

// contrast returns the contrast ratio of two colors as WCAG 2.2 defines it, from 1 to 21.
func contrast(one, other color) float64 {
	brighter, darker := max(one.luminance(), other.luminance()), min(one.luminance(), other.luminance())
	return (brighter + 0.05) / (darker + 0.05)
}
