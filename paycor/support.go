package paycor

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// SupportText returns a text about a verdict that is safe to send to Paycor's
// support or to a network administrator. It contains codes, times and request
// IDs, but no field value, no name and no text from Paycor, because that may
// contain a name.
func SupportText(in message.Catalogue, v verdicts.Verdict, environment Environment, credential string) string {
	var lines [][2]string
	line := func(key, text string) {
		if text != "" {
			lines = append(lines, [2]string{in.Text("support." + key), text})
		}
	}
	line("message", v.Message.In(in))
	line("code", fmt.Sprintf("%s (%s)", v.Code, v.Outcome))
	line("blames", alternatives(v.Fields).In(in))
	line("checked", instant(v.CheckedAt))
	line("correlation-id", v.CorrelationID)
	line("environment", host(environment))
	for _, step := range v.Steps {
		line("step", fmt.Sprintf("%s %s", step.Name, step.State))
	}
	if v.RetryAfter > 0 {
		line("asked-to-wait", in.Plural("support.seconds", v.RetryAfter))
	}
	line("credential", credential)
	line("request-id", v.RequestID)
	return columns(lines)
}

// alternatives joins the labels of fields: "Client ID or Client Secret".
func alternatives(list []fields.Field) message.Message {
	var joined message.Message
	for i, field := range list {
		if i == 0 {
			joined = field.Label()
		} else {
			joined = message.New("list.or", joined, field.Label())
		}
	}
	return joined
}

// columns returns names and texts, one pair a line, with the texts aligned.
func columns(lines [][2]string) string {
	width := 0
	for _, line := range lines {
		width = max(width, utf8.RuneCountInString(line[0]))
	}
	var b strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&b, "%-*s %s\n", width+1, line[0]+":", line[1])
	}
	return b.String()
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// host returns an environment and its host without a path, which may be internal to the
// operator.
func host(environment Environment) string {
	if environment.APIURL == "" {
		return environment.Name
	}
	_, rest, found := strings.Cut(environment.APIURL, "://")
	if !found {
		return environment.Name
	}
	name, _, _ := strings.Cut(rest, "/")
	return environment.Name + ", " + name
}
