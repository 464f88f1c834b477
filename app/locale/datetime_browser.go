//go:build js

package locale

import (
	"strings"
	"syscall/js"
	"time"
)

// formatters are the Intl.DateTimeFormat objects made so far. Making one is slow.
var formatters = map[formatterKey]js.Value{}

type formatterKey struct {
	tag   string
	style Style
}

// FormatTime writes a time as the browser does in the page's language: in local
// time, except for a CalendarDay.
func (c *Catalogue) FormatTime(at time.Time, style Style) string {
	key := formatterKey{c.tag, style}
	formatter, made := formatters[key]
	if !made {
		formatter = js.Global().Get("Intl").Get("DateTimeFormat").New(c.region(), options(style))
		formatters[key] = formatter
	}
	return formatter.Call("format", js.Global().Get("Date").New(float64(at.UnixMilli()))).String()
}

// region returns the browser's own locale if it has the page's language:
// "en-GB" writes dates in another order than "en-US".
func (c *Catalogue) region() string {
	language, _, _ := strings.Cut(c.tag, "-")
	if browser := js.Global().Get("navigator").Get("language").String(); browser == language || strings.HasPrefix(browser, language+"-") {
		return browser
	}
	return language
}

func options(style Style) map[string]any {
	date := map[string]any{"year": "numeric", "month": "short", "day": "numeric"}
	switch style {
	case CalendarDay:
		date["timeZone"] = "UTC"
	case MonthDay:
		delete(date, "year")
	case ShortTime:
		delete(date, "year")
		date["hour"], date["minute"] = "numeric", "2-digit"
	case DateTime:
		date["hour"], date["minute"], date["timeZoneName"] = "numeric", "2-digit", "short"
	case Timestamp:
		date["hour"], date["minute"], date["second"], date["timeZoneName"] = "numeric", "2-digit", "2-digit", "short"
	case Clock:
		return map[string]any{"hour": "numeric", "minute": "2-digit"}
	}
	return date
}
