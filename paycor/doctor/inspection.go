package doctor

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

// inspection has the checks of an open database.
type inspection struct {
	store.Inspector
	now      func() time.Time
	onServer bool // the database is on a server
}

// maxAhead is how far the newest audit entry may be ahead of the clock.
const maxAhead = time.Minute

// maxOverdue is how late a scheduled verification may be without a warning. It is the
// usual interval.
const maxOverdue = 24 * time.Hour

// database makes the checks that read all of the database.
func (d *Doctor) database(ctx context.Context) []health.Finding {
	inspector, err := d.config.Open(ctx)
	if err != nil {
		return nil // the check of a few rows says so
	}
	defer inspector.Close()
	i := inspection{inspector, d.config.Clock, d.config.Server != nil}
	found := i.integrity(ctx)
	if !i.readable() {
		return found
	}
	found = append(found, join(ctx, i.rows, i.audit, i.clock)...)
	err = inspector.OpenKey(ctx)
	if errors.As(err, new(*seal.UnavailableError)) {
		return append(found, health.Failed("key", err, message.New("health.kms-fix"))...)
	}
	if errors.Is(err, seal.ErrWrongKey) {
		return append(found, health.Failed("key", err, message.New("health.key-other"))...)
	}
	if err != nil {
		return append(found, health.Failed("key", err, message.New("health.key-restore"))...)
	}
	return append(found, join(ctx, i.secrets, i.authentic)...)
}

// readable reports whether the database has the schema of this program.
func (i inspection) readable() bool {
	found, own := i.Schema()
	return found == own
}

func (i inspection) schema(context.Context) []health.Finding {
	found, own := i.Schema()
	switch {
	case found > own:
		return []health.Finding{problem("schema", message.New("health.schema-newer", found, own), message.New("health.schema-newer-fix"))}
	case found < own:
		return []health.Finding{warning("schema", message.New("health.schema-older", found, own), message.New("health.schema-older-fix"))}
	}
	return health.Fine("schema", "health.schema-ok", own)
}

func (i inspection) integrity(ctx context.Context) []health.Finding {
	if err := i.Integrity(ctx); err != nil {
		return health.Failed("integrity", err, message.New("health.restore"))
	}
	if i.onServer {
		return health.Fine("integrity", "health.integrity-server")
	}
	return health.Fine("integrity", "health.integrity-ok")
}

// rows checks that every credential can be read.
func (i inspection) rows(ctx context.Context) []health.Finding {
	lost, err := i.LostCredentials(ctx)
	if err != nil {
		return health.Failed("credentials", err, message.New("health.restore"))
	}
	damaged, err := i.DamagedCredentials(ctx)
	if err != nil {
		return health.Failed("credentials", err, message.New("health.restore"))
	}
	if len(lost)+len(damaged) == 0 {
		return health.Fine("credentials", "health.credentials-ok")
	}
	return append(
		named("credentials", len(lost), func(n int) health.Finding {
			return problem("credentials", message.New("health.credential-lost", lost[n].Credential, lost[n].Workspace), message.New("health.restore"))
		}),
		named("credentials", len(damaged), func(n int) health.Finding {
			return warning("credentials", message.New("health.credential-damaged", damaged[n].Credential, damaged[n].Workspace), message.New("health.credential-save"))
		})...)
}

// secrets checks that every sealed value can be decrypted.
func (i inspection) secrets(ctx context.Context) []health.Finding {
	unopened, all, err := i.UnopenedSecrets(ctx)
	if err != nil {
		return health.Failed("secrets", err, message.New("health.restore"))
	}
	if len(unopened) == 0 {
		return health.Fine("secrets", "health.secrets-ok", all)
	}
	slices.SortStableFunc(unopened, func(a, b store.UnopenedSecret) int { // the problems first
		return cmp.Compare(lossOf(a.Field).status, lossOf(b.Field).status)
	})
	return named("secrets", len(unopened), func(n int) health.Finding {
		lost := unopened[n]
		loss := lossOf(lost.Field)
		return health.Finding{Check: "secrets", Status: loss.status, Message: message.New(loss.message, string(lost.Field), lost.Record, lost.Workspace), Remedy: message.New(loss.remedy)}
	})
}

// loss is what it means that a sealed value cannot be decrypted. Its status is never OK.
type loss struct {
	status          health.Status
	message, remedy string // keys
}

func lossOf(field fields.Field) loss {
	switch field {
	case fields.AccessToken:
		return loss{health.Warning, "health.secret-unopened", "health.token-renewed"}
	case fields.RefreshToken:
		return loss{health.Problem, "health.secret-unopened", "health.activate"}
	case fields.CodeVerifier:
		return loss{health.Warning, "health.secret-unopened", "health.activate"}
	case store.IDTokenField:
		return loss{health.Warning, "health.session-unopened", "health.session-end"}
	case store.NotificationTargetField:
		return loss{health.Warning, "health.channel-unopened", "health.channel-edit"}
	case fields.ClientSecretPrevious, fields.SubscriptionKeyPrevious, fields.ClientSecretPending, fields.SubscriptionKeyPending:
		return loss{health.Warning, "health.secret-unopened", "health.kept-delete"}
	}
	return loss{health.Problem, "health.secret-unopened", "health.secret-replace"}
}

func (i inspection) audit(ctx context.Context) []health.Finding {
	head, err := i.Check(ctx)
	if err != nil {
		return health.Failed("audit", err, message.New("health.audit-fix"))
	}
	if head.Sequence == 0 {
		return health.Fine("audit", "health.audit-empty")
	}
	return health.Fine("audit", "health.audit-ok", head.Sequence, head.Hash)
}

// authentic checks that nobody wrote tokens, sessions or sites with SQL.
func (i inspection) authentic(ctx context.Context) []health.Finding {
	altered, err := i.AlteredRecords(ctx)
	lost, err := store.Lost(err)
	if err != nil {
		return health.Failed("records", err, message.New("health.restore"))
	}
	if len(altered)+lost == 0 {
		return health.Fine("records", "cli.records-intact")
	}
	var found []health.Finding
	if lost > 0 {
		found = append(found, problem("records", message.Count("health.records-lost", lost), message.New("health.restore")))
	}
	return append(found, named("records", len(altered), func(n int) health.Finding {
		return problem("records", message.Of(altered[n]), message.New("health.record-remove"))
	})...)
}

// clock checks that the newest entry is not in the future.
func (i inspection) clock(ctx context.Context) []health.Finding {
	newest, err := i.NewestEntry(ctx)
	if err != nil {
		return nil // the check of the audit trail says so
	}
	now := i.now().UTC()
	if newest.After(now.Add(maxAhead)) {
		return []health.Finding{problem("clock", message.New("health.clock-behind", now.Format(time.RFC3339), newest.Format(time.RFC3339)), message.New("health.clock-fix"))}
	}
	return health.Fine("clock", "health.clock-ok", now.Format(time.RFC3339))
}

// schedule checks that credentials are verified when they are due.
func (i inspection) schedule(ctx context.Context) []health.Finding {
	overdue, first, err := i.Overdue(ctx, i.now().UTC().Add(-maxOverdue))
	switch {
	case err != nil:
		return health.Failed("schedule", err, message.New("health.restore"))
	case overdue > 0:
		return []health.Finding{warning("schedule", message.New("health.schedule-behind", overdue, first.Format(time.RFC3339)), message.New("health.schedule-fix"))}
	}
	return health.Fine("schedule", "health.schedule-ok")
}
