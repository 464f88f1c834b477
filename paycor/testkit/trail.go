package testkit

import (
	"iter"

	"paycorcred/paycor/audit"
)

// CheckTrail is audit.Check for entries that are in memory.
func CheckTrail(previous *audit.Entry, entries iter.Seq[audit.Entry]) error {
	_, err := audit.Check(previous, func(yield func(audit.Entry, error) bool) {
		for entry := range entries {
			if !yield(entry, nil) {
				return
			}
		}
	})
	return err
}
