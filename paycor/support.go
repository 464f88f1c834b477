package paycor

import (
	"fmt"
	"strings"
	"time"

	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// SupportText returns a text about a verdict that is safe to send to Paycor's
// support or to a network administrator. It contains codes, times and request
// IDs, but no field value, no name and no text from Paycor, because that may
// contain a name.
func SupportText(in message.Catalogue, v verdicts.Verdict, environment Environment, credential string) string {
	var b strings.Builder
	line := func(name, format string, arguments ...any) {
		if text := fmt.Sprintf(format, arguments...); text != "" {
			fmt.Fprintf(&b, "%-16s %s\n", name+":", text)
		}
	}
	fields := make([]string, len(v.Fields))
	for i, field := range v.Fields {
		fields[i] = field.Label()
	}
	line("Paycor", "%s", v.Message.In(in))
	line("Code", "%s (%s)", v.Code, v.Outcome)
	line("Blames", "%s", strings.Join(fields, " or "))
	line("Checked at", "%s", instant(v.CheckedAt))
	line("Correlation ID", "%s", v.CorrelationID)
	line("Environment", "%s", host(environment))
	for _, step := range v.Steps {
		line("Step", "%s %s", step.Name, step.State)
	}
	if v.RetryAfter > 0 {
		line("Asked to wait", "%d seconds", v.RetryAfter)
	}
	line("Credential", "%s", credential)
	line("Request ID", "%s", v.RequestID)
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
