package credentials

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// How long sign-ins last.
const (
	linkLifetime    = time.Hour
	sessionLifetime = 12 * time.Hour // where nothing else is configured
	sessionIdle     = time.Hour
)

// operator is a command on the server's own machine.
func operator(workspace string) paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerOperator, ID: "operator", Name: "Operator", Workspace: workspace, Rights: paycor.AllRights()}
}

// localAdministrator is whoever opened a one-time link on the server's own
// machine.
func localAdministrator() paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerPerson, ID: paycor.LocalAdministrator, Name: "Local administrator", Workspace: paycor.DefaultWorkspace, Rights: paycor.AllRights()}
}

func hash(secret paycor.Secret) []byte {
	sum := sha256.Sum256([]byte(secret.Reveal()))
	return sum[:]
}

// SignInCode makes the code of a one-time sign-in link and says until when it
// can be used.
func (m *Manager) SignInCode(ctx context.Context) (paycor.Secret, time.Time, error) {
	code, now := paycor.NewSecret(rand.Text()), m.now()
	expires := now.Add(linkLifetime)
	err := m.config.Store.Update(ctx, func(tx store.Tx) error {
		if err := tx.InsertSignInLink(store.SignInLink{Hash: hash(code), CreatedAt: now, ExpiresAt: expires}); err != nil {
			return err
		}
		return m.record(tx, operator(paycor.DefaultWorkspace), audit.Entry{Action: audit.ActionLink, Outcome: "done"})
	})
	return code, expires, err
}

// SignIn uses the code of a one-time link and opens a session. It returns the
// session's handle, which only the browser keeps.
func (m *Manager) SignIn(ctx context.Context, code paycor.Secret, from, requestID string) (paycor.Secret, time.Time, error) {
	session, handle := m.newSession(localAdministrator(), from, requestID)
	err := m.config.Store.Update(ctx, func(tx store.Tx) error {
		link, err := tx.SignInLink(hash(code))
		if err != nil {
			return err
		}
		if session.CreatedAt.After(link.ExpiresAt) {
			return store.ErrStale
		}
		if err := tx.MarkSignInLinkUsed(hash(code), session.CreatedAt); err != nil {
			return err
		}
		return m.begin(tx, session)
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrStale) {
		return paycor.Secret{}, time.Time{}, paycor.Errorf(paycor.KindUnauthorized, "This sign-in link was used already or has expired.")
	}
	return handle, session.ExpiresAt, err
}

// SignOut ends a session. One that is not there has ended already.
func (m *Manager) SignOut(ctx context.Context, handle paycor.Secret, from, requestID string) error {
	return m.config.Store.Update(ctx, func(tx store.Tx) error {
		session, err := tx.Session(hash(handle))
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.DeleteSession(session.Hash); err != nil {
			return err
		}
		session.Caller.From, session.Caller.RequestID = from, requestID
		return m.record(tx, session.Caller, audit.Entry{Action: audit.ActionSignOut, Outcome: "done"})
	})
}
