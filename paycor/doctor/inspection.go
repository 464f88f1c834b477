package doctor

import (
	"cmp"
	"context"
	"slices"
	"time"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store/sqlite"
)

// inspection has the checks of an open database.
type inspection struct {
	*sqlite.Inspector
	now func() time.Time
}

func (i inspection) schema(context.Context) []Finding {
	found, own := i.Schema()
	switch {
	case found > own:
		return []Finding{{"schema", Problem, message.New("health.schema-newer", found, own), message.New("health.schema-newer-fix")}}
	case found < own:
		return []Finding{{"schema", Warning, message.New("health.schema-older", found, own), message.New("health.schema-older-fix")}}
	}
	return Fine("schema", "health.schema-ok", own)
}

func (i inspection) integrity(ctx context.Context) []Finding {
	if err := i.Integrity(ctx); err != nil {
		return Failed("integrity", err, message.New("health.restore"))
	}
	return Fine("integrity", "health.integrity-ok")
}

// rows checks that every credential can be read.
func (i inspection) rows(ctx context.Context) []Finding {
	lost, err := i.LostCredentials(ctx)
	if err != nil {
		return Failed("credentials", err, message.New("health.restore"))
	}
	damaged, err := i.DamagedCredentials(ctx)
	if err != nil {
		return Failed("credentials", err, message.New("health.restore"))
	}
	if len(lost)+len(damaged) == 0 {
		return Fine("credentials", "health.credentials-ok")
	}
	return append(
		named("credentials", len(lost), func(n int) Finding {
			return Finding{"credentials", Problem, message.New("health.credential-lost", lost[n].Credential, lost[n].Workspace), message.New("health.restore")}
		}),
		named("credentials", len(damaged), func(n int) Finding {
			return Finding{"credentials", Warning, message.New("health.credential-damaged", damaged[n].Credential, damaged[n].Workspace), message.New("health.credential-save")}
		})...)
}

// secrets checks that every sealed value can be decrypted.
func (i inspection) secrets(ctx context.Context) []Finding {
	unopened, all, err := i.UnopenedSecrets(ctx)
	if err != nil {
		return Failed("secrets", err, message.New("health.restore"))
	}
	if len(unopened) == 0 {
		return Fine("secrets", "health.secrets-ok", all)
	}
	slices.SortStableFunc(unopened, func(a, b sqlite.UnopenedSecret) int { // the problems first
		return cmp.Compare(lossOf(a.Field).status, lossOf(b.Field).status)
	})
	return named("secrets", len(unopened), func(n int) Finding {
		lost := unopened[n]
		loss := lossOf(lost.Field)
		return Finding{"secrets", loss.status, message.New(loss.message, string(lost.Field), lost.Record, lost.Workspace), message.New(loss.remedy)}
	})
}

// loss is what it means that a sealed value cannot be decrypted. Its status is never OK.
type loss struct {
	status          Status
	message, remedy string // keys
}

func lossOf(field fields.Field) loss {
	switch field {
	case fields.AccessToken:
		return loss{Warning, "health.secret-unopened", "health.token-renewed"}
	case fields.RefreshToken:
		return loss{Problem, "health.secret-unopened", "health.activate"}
	case fields.CodeVerifier:
		return loss{Warning, "health.secret-unopened", "health.activate"}
	case sqlite.IDTokenField:
		return loss{Warning, "health.session-unopened", "health.session-end"}
	case fields.ClientSecretPrevious, fields.SubscriptionKeyPrevious, fields.ClientSecretPending, fields.SubscriptionKeyPending:
		return loss{Warning, "health.secret-unopened", "health.kept-delete"}
	}
	return loss{Problem, "health.secret-unopened", "health.secret-replace"}
}

func (i inspection) audit(ctx context.Context) []Finding {
	head, err := i.Check(ctx)
	if err != nil {
		return Failed("audit", err, message.New("health.audit-fix"))
	}
	return Fine("audit", "health.audit-ok", head.Sequence, head.Hash)
}

// records checks that nobody wrote tokens, sessions or sites with SQL.
func (i inspection) records(ctx context.Context) []Finding {
	altered, err := i.AlteredRecords(ctx)
	if err != nil {
		return Failed("records", err, message.New("health.restore"))
	}
	if len(altered) == 0 {
		return Fine("records", "cli.records-intact")
	}
	return named("records", len(altered), func(n int) Finding {
		return Finding{"records", Problem, message.Of(altered[n]), message.New("health.record-remove")}
	})
}

// clock checks that the newest entry is not in the future.
func (i inspection) clock(ctx context.Context) []Finding {
	var newest audit.Entry
	for entry, err := range i.Entries(ctx) {
		if err != nil {
			return nil // the check of the audit trail says so
		}
		if entry.At.After(newest.At) {
			newest = entry
		}
	}
	now := i.now().UTC()
	if newest.At.After(now.Add(maxAhead)) {
		return []Finding{{"clock", Problem, message.New("health.clock-behind", now.Format(time.RFC3339), newest.At.Format(time.RFC3339)), message.New("health.clock-fix")}}
	}
	return Fine("clock", "health.clock-ok", now.Format(time.RFC3339))
}

// schedule checks that credentials are verified when they are due.
func (i inspection) schedule(ctx context.Context) []Finding {
	overdue, first, err := i.Overdue(ctx, i.now().UTC().Add(-maxOverdue))
	switch {
	case err != nil:
		return Failed("schedule", err, message.New("health.restore"))
	case overdue > 0:
		return []Finding{{"schedule", Warning, message.New("health.schedule-behind", overdue, first.Format(time.RFC3339)), message.New("health.schedule-fix")}}
	}
	return Fine("schedule", "health.schedule-ok")
}

// named returns a finding for each of several things, and one for the rest of very many.
func named(check string, all int, finding func(n int) Finding) (found []Finding) {
	for n := range min(all, maxNamed) {
		found = append(found, finding(n))
	}
	if all > maxNamed {
		found = append(found, Finding{Check: check, Status: found[0].Status, Message: message.New("health.more", all-maxNamed)})
	}
	return found
}
