package app

import (
	"strconv"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor/usage"
)

// Sizes in the chart, in its own units.
const (
	barStep   = 10
	barWidth  = 8
	barHeight = 60
)

// How many bars are between two labels of the axis.
const (
	labelEveryHour = 6
	labelEveryDay  = 4
)

// usageChart shows the calls and errors of each hour of a day, or of each part of a week.
// What happened in the one that a person points at, or moves to by the arrow keys, is said
// below.
type usageChart struct {
	page   *credentialsPage
	usage  func() *usage.Usage // what is known now
	week   bool                // is shown
	chosen time.Time           // when the chosen hour begins; zero for none
}

// hours returns what is shown.
func (c *usageChart) hours() []usage.Hour {
	if c.week {
		return c.usage().Week
	}
	return c.usage().Hours
}

// show changes what is shown.
func (c *usageChart) show(week bool) { c.week, c.chosen = week, time.Time{} }

// summary says how much is shown in all.
func (c *usageChart) summary() string {
	var total usage.Counts
	for _, hour := range c.hours() {
		total.Add(hour.Counts)
	}
	calls, errors := c.page.callCounts(total)
	if c.week {
		return c.page.say("usage.week", calls, errors)
	}
	return c.page.say("usage.day", calls, errors)
}

// render renders the chart.
func (c *usageChart) render() goapp.UI {
	hours, chosen := c.hours(), c.index()
	var most int64
	for _, hour := range hours {
		most = max(most, hour.Calls())
	}
	top := axisTop(most)
	width := strconv.Itoa(barStep * len(hours))
	bars := []any{dom.Class("bars"), dom.Attr("viewBox", "0 0 "+width+" "+strconv.Itoa(barHeight)), dom.Attr("preserveAspectRatio", "none"),
		dom.Attr("aria-hidden", "true"), stripes(), rect("grid", 0, 0, width, "1"), rect("grid", 0, barHeight/2, width, "1")}
	for i, hour := range hours {
		bars = append(bars, bar("bar", i, hour.Calls(), top), bar("bar-errors", i, hour.Errors(), top))
	}
	for i, hour := range hours {
		style := "bar-hour"
		if i == chosen {
			style = "bar-hour chosen"
		}
		point := func(goapp.Event) { c.chosen = hour.Begins }
		scope := strconv.FormatInt(hour.Begins.Unix(), 10)
		bars = append(bars, rect(style, i*barStep, 0, strconv.Itoa(barStep), strconv.Itoa(barHeight), dom.On("pointerenter", scope, point)))
	}
	now, text := chosen, c.summary()
	if chosen < 0 {
		now = len(hours) - 1
	} else {
		text = c.hourText(hours[chosen])
	}
	return dom.El("figure", dom.Class("chart"),
		c.renderPeriods(),
		dom.El("figcaption", dom.Class("chart-legend"),
			dom.El("span", dom.Class("swatch"), dom.Attr("aria-hidden", "true")), dom.El("span", c.page.say("usage.head-calls")),
			dom.El("span", dom.Class("swatch", "of-errors"), dom.Attr("aria-hidden", "true")), dom.El("span", c.page.say("usage.head-errors"))),
		dom.El("div", dom.Class("chart-body"),
			dom.El("div", dom.Class("chart-axis"), dom.Attr("aria-hidden", "true"),
				dom.El("span", c.page.number(int(top))), dom.El("span", c.page.number(int(top/2))), dom.El("span", "0")),
			dom.El("div", dom.Class("plot"), dom.Attr("id", "usage-chart"), dom.Attr("tabindex", "0"), dom.Attr("role", "slider"), dom.Attr("aria-label", c.page.say("usage.chart")),
				dom.Attr("aria-valuemin", "0"), dom.Attr("aria-valuemax", strconv.Itoa(len(hours)-1)), dom.Attr("aria-valuenow", strconv.Itoa(now)), dom.Attr("aria-valuetext", text),
				dom.On("keydown", "chart", c.move), dom.El("svg", bars...)),
			c.renderLabels(hours)),
		dom.El("p", dom.Class("chart-hour", "small"), dom.Attr("id", "usage-hour"), c.chosenText(hours, chosen)))
}

// renderPeriods renders the choice between day and week.
func (c *usageChart) renderPeriods() goapp.UI {
	choice := func(id, label string, week bool) goapp.UI {
		return dom.Button("small", id, label, dom.Attr("aria-pressed", strconv.FormatBool(c.week == week)), dom.Click(id, func() { c.show(week) }))
	}
	return dom.El("div", dom.Class("chart-periods"), dom.Attr("role", "group"), dom.Attr("aria-label", c.page.say("usage.period")),
		choice("usage-of-day", c.page.say("usage.of-day"), false), choice("usage-of-week", c.page.say("usage.of-week"), true))
}

// renderLabels writes the times below the chart: of a week the days.
func (c *usageChart) renderLabels(hours []usage.Hour) goapp.UI {
	every, style, class := labelEveryHour, locale.Clock, "chart-labels"
	if c.week {
		every, style, class = labelEveryDay, locale.MonthDay, "chart-labels of-week"
	}
	labels := []any{dom.Class(class), dom.Attr("aria-hidden", "true")}
	for i := 0; i < len(hours); i += every {
		labels = append(labels, dom.El("span", c.page.exactTime(hours[i].Begins, style)))
	}
	return dom.El("div", append(labels, dom.El("span", dom.Class("chart-now"), c.page.say("usage.end")))...)
}

// chosenText says what happened in the chosen hour, or how to choose one.
func (c *usageChart) chosenText(hours []usage.Hour, chosen int) string {
	if chosen < 0 {
		return c.page.say("usage.choose")
	}
	return c.hourText(hours[chosen])
}

// hourText says what happened in an hour.
func (c *usageChart) hourText(hour usage.Hour) string {
	begins := c.page.formatTime(hour.Begins, locale.ShortTime)
	calls, errors := c.page.callCounts(hour.Counts)
	text := c.page.say("usage.in-hour", begins, calls, errors)
	if c.week {
		text = c.page.say("usage.in-part", begins, calls, errors)
	}
	if hour.P95 == 0 {
		return text
	}
	return c.page.say("list.sentences", text, c.page.say("usage.p95", c.page.number(int(hour.P95))))
}

// index returns the position of the chosen hour, or -1.
func (c *usageChart) index() int {
	for i, hour := range c.hours() {
		if hour.Begins.Equal(c.chosen) {
			return i
		}
	}
	return -1
}

// move chooses another hour by a key.
func (c *usageChart) move(event goapp.Event) {
	if to := c.after(event.Get("key").String()); to >= 0 {
		event.PreventDefault() // the page does not scroll
		c.chosen = c.hours()[to].Begins
	}
}

// after returns the position of the hour that a key leads to, or -1. The first key leads
// to the latest hour.
func (c *usageChart) after(key string) int {
	at, last := c.index(), len(c.hours())-1
	switch key {
	case "Home":
		return 0
	case "End":
		return last
	case "ArrowLeft", "ArrowDown":
		if at >= 0 {
			return max(at-1, 0)
		}
		return last
	case "ArrowRight", "ArrowUp":
		if at >= 0 {
			return min(at+1, last)
		}
		return last
	}
	return -1
}

// axisTop returns the number at the top of the axis: even and round, and at least most.
func axisTop(most int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, top := range []int64{2, 4, 6, 10} {
			if top*unit >= most {
				return top * unit
			}
		}
	}
}

// bar is a bar of the chart. One that is not zero is always visible.
func bar(style string, index int, n, top int64) goapp.UI {
	height := int64(0)
	if n > 0 {
		height = max(2, n*barHeight/top)
	}
	return rect(style, index*barStep+1, barHeight-int(height), strconv.Itoa(barWidth), strconv.FormatInt(height, 10))
}

func rect(style string, x, y int, width, height string, more ...any) goapp.UI {
	return dom.El("rect", append([]any{dom.Class(style), dom.Attr("x", strconv.Itoa(x)), dom.Attr("y", strconv.Itoa(y)),
		dom.Attr("width", width), dom.Attr("height", height)}, more...)...)
}

// stripes defines what bars of errors are filled with, so that they differ by more than
// their color.
func stripes() goapp.UI {
	return dom.El("pattern", dom.Attr("id", "stripes"), dom.Attr("width", "10"), dom.Attr("height", "4"), dom.Attr("patternUnits", "userSpaceOnUse"),
		rect("stripe-gap", 0, 0, "10", "4"), rect("stripe", 0, 2, "10", "2"))
}
