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
	"paycorcred/paycor/verdicts"
)

// childRotates makes a child rotate the Client Secret instead of asking for
// tokens.
const childRotates = "MANAGER_TEST_ROTATES"

// Where a rotating child kills itself besides.
const (
	beforePending = "before the new secret is stored"
	afterPending  = "after the new secret was stored"
	beforePromote = "before it promotes"
	afterPromote  = "after it promoted"
)

func rotateAsChild() error {
	kill := os.Getenv(childKill)
	s := setup{lease: shortLease, timeout: shortLease, transport: killing{inner: &http.Transport{DisableKeepAlives: true}, kill: kill}}
	s.wrap = func(inner store.Store) store.Store { return killingStore{rotationStore{inner, kill}, kill} }
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	m, opened, err := build(ctx, os.Getenv(childDirectory), os.Getenv(childAddress), s)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	_, err = m.As(everyRight()).Rotate(ctx, os.Getenv(childID), rotateTo(os.Getenv(childRotates)), nil)
	return errors.Join(err, m.Close(ctx), opened.Close())
}

// rotationStore is a store in which the process dies around the steps of a
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

// Whatever moment a server dies at while it rotates the secret of an activated
// credential: no secret is lost, no refresh token is used twice, and what was
// begun can be finished by testing again.
func TestKilledAtEveryStepOfARotation(t *testing.T) {
	for step, c := range map[string]struct {
		pending  bool          // the new secret is there and not in use
		promoted bool          // it is in use
		lost     verdicts.Code // why a token is not to be had any more; empty where it is
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
			s := newSite(t)
			old := s.app.Details().ClientSecret
			s.app.Change(func(d *paycortest.Details) { d.ClientSecret = newSecret })
			t.Setenv(childRotates, newSecret)
			begin, wait := s.child(t, step, 1)
			begin()
			require.ErrorContains(t, wait(), "killed")

			m, opened, err := build(t.Context(), s.directory, s.URL, setup{})
			require.NoError(t, err)
			defer opened.Close()
			found, err := m.As(everyRight()).Credential(t.Context(), s.id)
			require.NoError(t, err)
			kept := secretsOf(t, opened, s.id)
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
				time.Sleep(shortLease) // the dead process's lease
				rotated, err := m.As(everyRight()).Rotate(t.Context(), s.id, paycor.RotateRequest{}, nil)
				require.NoError(t, err)
				assert.Equal(t, c.lost == "", rotated.Promoted, "%+v", rotated.Verdict)
				if c.lost != "" {
					assert.Equal(t, c.lost, rotated.Verdict.Code)
				}
			}
			assert.LessOrEqual(t, s.app.Counts().Refreshes, 2, "nothing loops, no refresh token is used twice")
		})
	}
}
