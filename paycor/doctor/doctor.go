// Package doctor checks the data of a server, and says for each check what it found and
// what to do. It changes nothing, and works whether or not the server runs.
package doctor

import (
	"context"

	"paycorcred/paycor/message"
)

// Status is the result of a check.
type Status string

// The statuses, from good to bad.
const (
	OK      Status = "ok"
	Warning Status = "warning" // works, but somebody should look at it
	Problem Status = "problem"
)

// Finding is what a check found.
type Finding struct {
	Check   string          // names the check; stable
	Status  Status          //
	Message message.Message // what is so
	Remedy  message.Message // what to do; zero if nothing has to be done
}

// Check is one check. It returns at least one finding.
type Check func(ctx context.Context) []Finding

// Examine runs checks in order.
func Examine(ctx context.Context, checks ...Check) []Finding {
	var found []Finding
	for _, check := range checks {
		found = append(found, check(ctx)...)
	}
	return found
}

// Worst returns the worst status of findings.
func Worst(findings []Finding) Status {
	worst := OK
	for _, finding := range findings {
		if finding.Status == Problem || finding.Status == Warning && worst == OK {
			worst = finding.Status
		}
	}
	return worst
}

// Fine returns a finding that all is well.
func Fine(check, key string, args ...any) []Finding {
	return []Finding{{Check: check, Status: OK, Message: message.New(key, args...)}}
}

// Failed returns a problem from an error. Its sentence says what to do, or remedy does.
func Failed(check string, err error, remedy message.Message) []Finding {
	return []Finding{{Check: check, Status: Problem, Message: message.Of(err), Remedy: remedy}}
}
