package storetest

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// SaveWithAudit saves a credential with two secrets and its audit entry, for tests of an
// engine by itself.
func SaveWithAudit(s store.Store, id string) error {
	return s.Update(context.Background(), func(tx store.Tx) error {
		var previous *audit.Entry
		last, err := tx.LastAuditEntry()
		switch {
		case err == nil:
			previous = &last
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		return errors.Join(
			tx.InsertCredential("w", paycor.Credential{ID: id, ApplicationID: "app_" + id, Name: id, Version: 1}, store.Secrets{
				fields.ClientSecret:    paycor.NewSecret("client secret of " + id),
				fields.SubscriptionKey: paycor.NewSecret("subscription key of " + id),
			}),
			tx.AppendAudit(audit.Link(previous, audit.Entry{At: time.Now(), Workspace: "w", Action: audit.ActionCreate, Credential: id})),
		)
	})
}
