package credentials_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// childRotates makes a child process rotate the Client Secret instead of
// requesting tokens.
const childRotates = "CREDENTIALS_TEST_ROTATES"

// childReplaces makes that child process replace the secret by an edit: "tested"
// or "force".
const childReplaces = "CREDENTIALS_TEST_REPLACES"

// Additional points at which a rotating child process kills itself.
const (
	beforePending = "before the new secret is stored"
	afterPending  = "after the new secret was stored"
	beforePromote = "before the promotion"
	afterPromote  = "after the promotion"
)

func rotateSecret() error {
	kill := os.Getenv(childKill)
	options := env.Options{
		Transport: crashingTransport{inner: &http.Transport{DisableKeepAlives: true}, kill: kill},
		WrapStore: func(inner store.Store) store.Store { return crashingStore{rotationStore{inner, kill}, kill} },
		Change:    withLease(shortLease, shortLease),
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	m, opened, err := env.Open(ctx, os.Getenv(childDirectory), os.Getenv(childAddress), options)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	if how := os.Getenv(childReplaces); how != "" {
		_, err = m.As(env.Administrator()).Update(ctx, os.Getenv(childID), secretPatch(os.Getenv(childRotates)), paycor.UpdateOptions{Force: how == "force"})
	} else {
		_, err = m.As(env.Administrator()).Rotate(ctx, os.Getenv(childID), rotateTo(os.Getenv(childRotates)), nil)
	}
	return errors.Join(err, m.Close(ctx), opened.Close())
}

// rotationStore is a store in which the process dies before or after a step of a
// rotation.
type rotationStore struct {
	store.Store
	kill string
}

func (s rotationStore) Update(ctx context.Context, write func(store.Tx) error) error {
	after := ""
	err := s.Store.Update(ctx, func(tx store.Tx) error {
		return write(rotationTx{tx, func(before, then string) {
			if after = then; s.kill == before {
				die()
			}
		}})
	})
	if after != "" && s.kill == after {
		die()
	}
	return err
}

type rotationTx struct {
	store.Tx
	step func(before, after string)
}

func (t rotationTx) UpdateCredential(workspace string, c paycor.Credential, version int64, secrets store.Secrets) error {
	err := t.Tx.UpdateCredential(workspace, c, version, secrets)
	if _, ok := secrets[fields.ClientSecretPending]; ok {
		t.step(beforePending, afterPending)
	}
	if _, ok := secrets[fields.ClientSecretPrevious]; ok {
		t.step(beforePromote, afterPromote)
	}
	return err
}

// At whatever point a server crashes while it rotates the secret of an
// activated credential, no secret is lost, no refresh token is sent twice, and
// another attempt can finish the rotation.
func TestCrashAtEveryStepOfRotation(t *testing.T) {
	for step, c := range map[string]struct {
		pending  bool          // the new secret is stored but not in use
		promoted bool          // the new secret is in use
		lost     verdicts.Code // why the credential gets no more tokens; empty if it does
	}{
		beforePending: {false, false, ""},
		afterPending:  {true, false, ""},
		beforeSend:    {true, false, ""},
		beforeAnswer:  {true, false, verdicts.CodeRefreshLost},
		beforeCommit:  {true, false, verdicts.CodeRefreshLost},
		afterCommit:   {true, false, ""},
		beforePromote: {true, false, ""},
		afterPromote:  {false, true, ""},
	} {
		t.Run(step, func(t *testing.T) {
			s := newCrashTest(t)
			old := s.app.Details().ClientSecret
			s.app.Change(func(d *paycortest.Details) { d.ClientSecret = newSecret })
			t.Setenv(childRotates, newSecret)
			begin, wait := s.child(t, step, 1)
			begin()
			require.ErrorContains(t, wait(), "killed")

			m, opened, err := env.Open(t.Context(), s.directory, s.URL, env.Options{})
			require.NoError(t, err)
			defer opened.Close()
			found, err := m.As(env.Administrator()).Credential(t.Context(), s.id)
			require.NoError(t, err)
			kept := env.Secrets(t, opened, s.id)
			assert.Equal(t, c.pending, found.Rotation != nil && found.Rotation.State == paycor.RotationPending)
			assert.Equal(t, c.promoted, found.Rotation != nil && found.Rotation.State == paycor.RotationPrevious)
			inUse := old
			if c.promoted {
				inUse = newSecret
				assert.Equal(t, old, kept[fields.ClientSecretPrevious].Reveal())
			}
			assert.Equal(t, inUse, kept[fields.ClientSecret].Reveal())
			if c.pending {
				assert.Equal(t, newSecret, kept[fields.ClientSecretPending].Reveal())
				time.Sleep(shortLease) // until the crashed process's lease expires
				rotated, err := m.As(env.Administrator()).Rotate(t.Context(), s.id, paycor.RotateRequest{}, nil)
				require.NoError(t, err)
				assert.Equal(t, c.lost == "", rotated.Promoted, "%+v", rotated.Verdict)
				if c.lost != "" {
					assert.Equal(t, c.lost, rotated.Verdict.Code)
				}
			}
			assert.LessOrEqual(t, s.app.Counts().Refreshes, 2, "no retry loop, no refresh token sent twice")
		})
	}
}

// At whatever point a server crashes while an edit replaces the secret of an
// activated credential, either the old secret is in use, or the new one is and
// the old one is kept. Repeating the edit finishes it.
func TestCrashAtEveryStepOfReplacement(t *testing.T) {
	for _, how := range []string{"tested", "force"} {
		for step, c := range map[string]struct {
			replaced bool // the new secret is in use
			lost     bool // the refresh token is lost with Paycor's response
		}{
			beforeSend:    {false, false},
			beforeAnswer:  {false, true},
			beforeCommit:  {false, true},
			afterCommit:   {false, false},
			beforePromote: {false, false},
			afterPromote:  {true, false},
		} {
			t.Run(how+" "+step, func(t *testing.T) {
				s := newCrashTest(t)
				old := s.app.Details().ClientSecret
				s.app.Change(func(d *paycortest.Details) { d.ClientSecret = newSecret })
				t.Setenv(childRotates, newSecret)
				t.Setenv(childReplaces, how)
				begin, wait := s.child(t, step, 1)
				begin()
				require.ErrorContains(t, wait(), "killed")

				m, opened, err := env.Open(t.Context(), s.directory, s.URL, env.Options{})
				require.NoError(t, err)
				defer opened.Close()
				kept := env.Secrets(t, opened, s.id)
				if c.replaced {
					assert.Equal(t, newSecret, kept[fields.ClientSecret].Reveal())
					assert.Equal(t, old, kept[fields.ClientSecretPrevious].Reveal())
				} else {
					assert.Equal(t, old, kept[fields.ClientSecret].Reveal())
					assert.NotContains(t, kept, fields.ClientSecretPrevious)
				}
				assert.NotContains(t, kept, fields.ClientSecretPending)

				time.Sleep(shortLease) // until the crashed process's lease expires
				_, err = m.As(env.Administrator()).Update(t.Context(), s.id, secretPatch(newSecret), paycor.UpdateOptions{Force: how == "force"})
				if c.lost && how == "tested" {
					assert.Equal(t, verdicts.CodeRefreshLost, verdictOf(t, err).Code)
					assert.Equal(t, old, env.Secrets(t, opened, s.id)[fields.ClientSecret].Reveal())
				} else {
					require.NoError(t, err)
					kept = env.Secrets(t, opened, s.id)
					assert.Equal(t, newSecret, kept[fields.ClientSecret].Reveal())
					assert.Equal(t, old, kept[fields.ClientSecretPrevious].Reveal())
				}
				assert.LessOrEqual(t, s.app.Counts().Refreshes, 3, "no retry loop")
			})
		}
	}
}
