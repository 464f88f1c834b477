package sqlite

import (
	"cmp"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store/records"
)

// mergeProgress is the number of credentials after which the log says how far the
// migration is: some seconds of work.
const mergeProgress = 10_000

// mergeApplications follows the migration that gives each credential an application. It
// makes one application of those with equal values and secrets, and encrypts all secrets
// for their application: until then they are encrypted for their credential.
func mergeApplications(t migrationTx, log *slog.Logger) error {
	const query = `SELECT a.workspace, a.id, c.id, a.environment, a.client_id, a.grant_type, a.scope,
			a.activated_at, a.rotation, a.rotate_by, coalesce(s.refresh_token_error, ''), coalesce(s.expires_at, '')
		FROM applications a JOIN credentials c ON c.workspace = a.workspace AND c.application = a.id
		LEFT JOIN token_states s ON s.workspace = a.workspace AND s.application = a.id
		ORDER BY a.workspace, a.environment, a.client_id, a.grant_type, a.scope, c.id`
	all, err := records.List(t.Transaction, func(scan records.Scan) (a migratedApplication, err error) {
		return a, scan(&a.workspace, &a.id, &a.credential, &a.environment, &a.clientID, &a.grant, &a.scope,
			&a.activatedAt, &a.rotation, &a.rotateBy, &a.refreshTokenError, &a.expiresAt)
	}, query)
	if err != nil {
		return err
	}
	total, reported := len(all), 0
	for len(all) > 0 {
		if done := total - len(all); done-reported >= mergeProgress {
			log.Info("giving credentials their applications", "done", done, "of", total)
			reported = done
		}
		end := slices.IndexFunc(all, func(a migratedApplication) bool { return a.values() != all[0].values() })
		if end < 0 {
			end = len(all)
		}
		if err := t.mergeGroup(all[:end]); err != nil {
			return err
		}
		all = all[end:]
	}
	// Foreign keys are off, so what belonged to the applications that a trigger deleted
	// is still there.
	for _, table := range []string{"secrets", "token_states"} {
		if _, err := t.Exec(`DELETE FROM ` + table + ` WHERE (workspace, application) NOT IN (SELECT workspace, id FROM applications)`); err != nil {
			return err
		}
	}
	return nil
}

// migratedApplication is the application of one credential.
type migratedApplication struct {
	workspace, id, credential           string
	environment, clientID, grant, scope string
	activatedAt, rotateBy, expiresAt    string // in the form of the columns, which sorts by time
	refreshTokenError                   string
	rotation                            *string
	secrets                             map[fields.Field]migratedSecret
	unreadable                          bool // some secret cannot be decrypted
}

type migratedSecret struct {
	value   paycor.Secret
	savedAt string
}

// values are what applications have in common that may become one.
func (a migratedApplication) values() [5]string {
	return [5]string{a.workspace, a.environment, a.clientID, a.grant, a.scope}
}

// mergeGroup makes one application of those of a group that have equal secrets.
func (t migrationTx) mergeGroup(group []migratedApplication) error {
	for i := range group {
		if err := t.openSecrets(&group[i]); err != nil {
			return err
		}
	}
	// Those with a rotation come first: one without joins the first that it fits, which
	// keeps its rotation.
	slices.SortStableFunc(group, func(a, b migratedApplication) int { return cmp.Compare(b.keptSecrets(), a.keptSecrets()) })
	var parts [][]migratedApplication // that become one application each
	for _, a := range group {
		i := slices.IndexFunc(parts, func(part []migratedApplication) bool { return part[0].joins(a) })
		if i < 0 {
			parts = append(parts, nil)
			i = len(parts) - 1
		}
		parts[i] = append(parts[i], a)
	}
	for _, part := range parts {
		if err := t.mergePart(part); err != nil {
			return err
		}
	}
	return nil
}

// openSecrets decrypts the secrets of an application, which still belong to its
// credential.
func (t migrationTx) openSecrets(a *migratedApplication) error {
	a.secrets = map[fields.Field]migratedSecret{}
	const query = `SELECT field, sealed, saved_at FROM secrets WHERE workspace = ? AND application = ?`
	return t.Rows(query, []any{a.workspace, a.id}, func(scan records.Scan) error {
		var field fields.Field
		var sealed []byte
		var found migratedSecret
		if err := scan(&field, &sealed, &found.savedAt); err != nil {
			return err
		}
		value, err := t.Open(t.AAD(a.workspace, a.credential, field), sealed)
		if errors.Is(err, seal.ErrSealed) {
			a.unreadable = true // stays as it is
			return nil
		}
		found.value = value
		a.secrets[field] = found
		return err
	})
}

// joins reports whether another application becomes one with a: both have the same
// secrets, and the other has no rotation or the same one.
func (a migratedApplication) joins(other migratedApplication) bool {
	if a.unreadable || other.unreadable {
		return false
	}
	for _, field := range paycor.RotatableFields() {
		if a.secrets[field].value.IsZero() || a.secrets[field].value != other.secrets[field].value {
			return false
		}
	}
	return other.rotation == nil || a.keptSecrets() == other.keptSecrets()
}

// keptSecrets identifies a rotation by the secrets that it keeps; "" without one.
func (a migratedApplication) keptSecrets() string {
	if a.rotation == nil {
		return ""
	}
	kept := []string{"rotation"}
	for _, state := range []paycor.RotationState{paycor.RotationPrevious, paycor.RotationPending} {
		for _, field := range paycor.RotatableFields() {
			kept = append(kept, a.secrets[state.SecretField(field)].value.Reveal())
		}
	}
	text, _ := json.Marshal(kept) // strings always marshal
	return string(text)
}

// mergePart makes one application of several whose secrets are equal. Activation, tokens
// and token state are those of one of them: tokens of two activations do not mix.
func (t migrationTx) mergePart(part []migratedApplication) error {
	kept, newest := part[0], slices.MaxFunc(part, compareActivations)
	for _, field := range []fields.Field{fields.AccessToken, fields.RefreshToken} {
		delete(kept.secrets, field)
		if token, found := newest.secrets[field]; found {
			kept.secrets[field] = token
		}
	}
	if newest.id != kept.id {
		if err := t.takeTokens(newest, kept); err != nil {
			return err
		}
	}
	for _, a := range part[1:] {
		for _, field := range paycor.RotatableFields() {
			secret := kept.secrets[field]
			secret.savedAt = min(secret.savedAt, a.secrets[field].savedAt)
			kept.secrets[field] = secret
		}
		if kept.rotateBy == "" || a.rotateBy != "" && a.rotateBy < kept.rotateBy {
			kept.rotateBy = a.rotateBy
		}
		// A trigger deletes the application that the credential leaves.
		if _, err := t.Exec(`UPDATE credentials SET application = ? WHERE workspace = ? AND id = ?`, kept.id, a.workspace, a.credential); err != nil {
			return err
		}
	}
	if len(part) == 1 {
		return t.sealForApplication(kept)
	}
	if _, err := t.Exec(`UPDATE applications SET rotate_by = ? WHERE workspace = ? AND id = ?`, kept.rotateBy, kept.workspace, kept.id); err != nil {
		return err
	}
	return t.sealForApplication(kept)
}

// compareActivations orders applications by what they can do with their tokens: a refresh
// token that works comes before none, then the latest activation counts, then the refresh
// token that was renewed last, then the access token that lasts longest.
func compareActivations(a, b migratedApplication) int {
	return cmp.Or(
		cmp.Compare(a.refreshable(), b.refreshable()),
		cmp.Compare(a.activatedAt, b.activatedAt),
		cmp.Compare(a.secrets[fields.RefreshToken].savedAt, b.secrets[fields.RefreshToken].savedAt),
		cmp.Compare(a.expiresAt, b.expiresAt),
	)
}

// refreshable returns 1 if there is a refresh token that is not known to be unusable.
func (a migratedApplication) refreshable() int {
	if a.secrets[fields.RefreshToken].value.IsZero() || a.refreshTokenError != "" {
		return 0
	}
	return 1
}

// takeTokens gives an application the activation and the token state of another one. The
// tokens follow with its secrets.
func (t migrationTx) takeTokens(from, to migratedApplication) error {
	for _, query := range []string{
		`DELETE FROM secrets WHERE workspace = ? AND application = ? AND field IN ('access_token', 'refresh_token')`,
		`DELETE FROM token_states WHERE workspace = ? AND application = ?`,
	} {
		if _, err := t.Exec(query, to.workspace, to.id); err != nil {
			return err
		}
	}
	for _, query := range []string{
		`UPDATE token_states SET application = ?3 WHERE workspace = ?1 AND application = ?2`,
		`UPDATE applications SET (activated_at, activated_by) =
			(SELECT activated_at, activated_by FROM applications WHERE workspace = ?1 AND id = ?2) WHERE workspace = ?1 AND id = ?3`,
	} {
		if _, err := t.Exec(query, to.workspace, from.id, to.id); err != nil {
			return err
		}
	}
	return nil
}

// sealForApplication stores the secrets of an application as its own.
func (t migrationTx) sealForApplication(a migratedApplication) error {
	const query = `INSERT INTO secrets (workspace, application, field, sealed, saved_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET sealed = excluded.sealed, saved_at = excluded.saved_at`
	for field, secret := range a.secrets {
		sealed, err := t.Seal(t.AAD(a.workspace, a.id, field), secret.value)
		if err != nil {
			return err
		}
		if _, err := t.Exec(query, a.workspace, a.id, string(field), sealed, secret.savedAt); err != nil {
			return err
		}
	}
	return nil
}
