package sqlite

import (
	"log/slog"

	"time"

	"paycorcred/paycor/store/records"
	"paycorcred/paycor/verdicts"
)

// reconcileVerdicts drops, after the migration that made one application of several
// credentials, verdicts about the application that a newer one of another credential
// contradicts, and those that ask for an activation it has. These credentials are verified
// next.
func reconcileVerdicts(t migrationTx, _ *slog.Logger) error {
	const query = `SELECT c.workspace, c.application, c.id, c.settled,
			EXISTS (SELECT 1 FROM secrets s WHERE s.workspace = c.workspace AND s.application = c.application AND s.field = 'refresh_token')
				AND NOT EXISTS (SELECT 1 FROM token_states s WHERE s.workspace = c.workspace AND s.application = c.application AND s.refresh_token_error <> '')
		FROM credentials c WHERE EXISTS (SELECT 1 FROM credentials o WHERE o.workspace = c.workspace AND o.application = c.application AND o.id <> c.id)`
	all, err := records.List(t.Transaction, func(scan records.Scan) (m migratedVerdict, err error) {
		var settled records.JSON[verdicts.Verdict]
		err = scan(&m.workspace, &m.application, &m.credential, records.Lenient{Scanner: &settled}, &m.activated)
		m.verdict = settled.OrZero()
		return m, err
	}, query)
	if err != nil {
		return err
	}
	newest := map[[2]string]migratedVerdict{}
	for _, m := range all {
		known, found := newest[m.key()]
		if m.aboutApplication() && !m.outdated() && (!found || m.verdict.CheckedAt.After(known.verdict.CheckedAt)) {
			newest[m.key()] = m
		}
	}
	for _, m := range all {
		if known, found := newest[m.key()]; m.outdated() || found && m.contradicts(known) {
			if err := t.dropVerdict(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// migratedVerdict is the last conclusive verdict of a credential.
type migratedVerdict struct {
	workspace, application, credential string
	verdict                            verdicts.Verdict
	activated                          bool // the application has an activation that works
}

func (m migratedVerdict) key() [2]string { return [2]string{m.workspace, m.application} }

func (m migratedVerdict) aboutApplication() bool {
	return m.verdict.RejectsApplication() || m.verdict.AcceptsSecrets()
}

// outdated reports whether a verdict asks for an activation that another credential has.
func (m migratedVerdict) outdated() bool {
	return m.activated && m.verdict.Outcome == verdicts.OutcomeNeedsActivation
}

// contradicts reports whether a verdict and the newest one about the application cannot
// both hold.
func (m migratedVerdict) contradicts(newest migratedVerdict) bool {
	if newest.verdict.RejectsApplication() {
		return m.verdict.Code != "" && m.verdict.Code != newest.verdict.Code
	}
	return m.verdict.RejectsApplication()
}

// dropVerdict makes a credential one that is not verified, and is verified next.
func (t migrationTx) dropVerdict(m migratedVerdict) error {
	if _, err := t.Exec(`UPDATE credentials SET verdict = NULL, settled = NULL WHERE workspace = ? AND id = ?`, m.workspace, m.credential); err != nil {
		return err
	}
	const due = `INSERT INTO checkups (workspace, credential, due_at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET due_at = excluded.due_at`
	_, err := t.Exec(due, m.workspace, m.credential, records.Timestamp(time.Now()))
	return err
}
