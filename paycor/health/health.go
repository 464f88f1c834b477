// Package health describes what the checks of a server found, for the page, the API and
// the command doctor. Package doctor makes the checks.
package health

import (
	"context"
	"time"

	"paycorcred/paycor/message"
)

// Status is the result of a check.
type Status string

// The statuses, from good to bad.
const (
	OK      Status = "ok"
	Warning Status = "warning" // works, but an administrator should look at it
	Problem Status = "problem"
)

// Statuses returns every status, from good to bad.
func Statuses() []Status { return []Status{OK, Warning, Problem} }

// Finding is what a check found.
type Finding struct {
	Check     string          `json:"check"` // names the check; stable
	Status    Status          `json:"status"`
	Message   message.Message `json:"message"`         // what is so
	Remedy    message.Message `json:"remedy,omitzero"` // what to do; zero if nothing has to be done
	CheckedAt time.Time       `json:"checked_at,omitzero"`
}

// Fine returns a finding that all is well.
func Fine(check, key string, args ...any) []Finding {
	return []Finding{{Check: check, Status: OK, Message: message.New(key, args...)}}
}

// Failed returns a problem from an error. Its sentence says what to do, or remedy does.
func Failed(check string, err error, remedy message.Message) []Finding {
	return []Finding{{Check: check, Status: Problem, Message: message.Of(err), Remedy: remedy}}
}

// Report is what all checks found.
type Report struct {
	Status   Status    `json:"status"`  // the worst of the findings
	Running  bool      `json:"running"` // checks are running; a later report has what they find
	Findings []Finding `json:"findings"`
}

// NewReport returns a report of findings.
func NewReport(findings []Finding) Report {
	worst := OK
	for _, finding := range findings {
		if finding.Status == Problem || finding.Status == Warning && worst == OK {
			worst = finding.Status
		}
	}
	return Report{Status: worst, Findings: findings}
}

// Service is the health of the server for an administrator of all of it.
type Service interface {
	// Health returns the latest findings, at once, and starts the checks again whose
	// findings are old. It needs the right admin in the default workspace.
	Health(ctx context.Context) (Report, error)
}
