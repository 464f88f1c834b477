package audit

import (
	"paycorcred/paycor/verdicts"
	"strings"
)

const triedIn = "environment="

// TriedDetail is the detail of an audit entry about values that were tried in
// an environment: what came of it, where that is known, and where they were
// sent.
func TriedDetail(code verdicts.Code, environment string) string {
	return strings.TrimSpace(string(code) + " " + triedIn + environment)
}

// TriedEnvironment returns the environment of a TriedDetail. It is empty of
// older entries, which do not have it.
func TriedEnvironment(detail string) string {
	_, environment, _ := strings.Cut(detail, triedIn)
	return environment
}
