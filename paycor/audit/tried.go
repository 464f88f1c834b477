package audit

import (
	"strings"

	"paycorcred/paycor/verdicts"
)

const triedIn = "environment="

// TriedDetail is the detail of an audit entry about values that were tried in an
// environment: the resulting code, if known, and the environment.
func TriedDetail(code verdicts.Code, environment string) string {
	return strings.TrimSpace(string(code) + " " + triedIn + environment)
}

// TriedEnvironment returns the environment of a TriedDetail, or "" for older entries
// without one.
func TriedEnvironment(detail string) string {
	_, environment, _ := strings.Cut(detail, triedIn)
	return environment
}
