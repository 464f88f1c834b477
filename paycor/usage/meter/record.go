package meter

import (
	"context"
	"fmt"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/usage"
)

// record moves the counts of all minutes except the current one to the audit trail.
func (m *Meter) record(ctx context.Context, current time.Time) error {
	for {
		taken := 0
		err := m.config.Store.Update(ctx, func(tx Tx) error {
			buckets, err := tx.TakeUsageBuckets(current, batchSize)
			for _, bucket := range buckets {
				if err != nil {
					break
				}
				err = m.config.Recorder.Record(tx, paycor.Caller{
					Kind: bucket.CallerKind, ID: bucket.CallerID, Name: bucket.CallerName, Workspace: bucket.Workspace, From: bucket.From,
				}, audit.Entry{
					Action: audit.ActionUses, Credential: bucket.Credential, Outcome: outcome(bucket.Counts),
					Detail: bucket.String() + " minute=" + bucket.Minute.Format(time.RFC3339),
				})
			}
			taken = len(buckets)
			return err
		})
		if err != nil {
			return fmt.Errorf("recording usage in the audit trail: %w", err)
		}
		if taken < batchSize {
			return nil
		}
	}
}

// outcome returns the outcome of an audit entry about several calls.
func outcome(counts usage.Counts) string {
	switch {
	case counts.Errors() == 0:
		return "done"
	case counts.Done > 0:
		return "partly"
	}
	return "failed"
}
