// Package storetest is what every engine of package store has to pass. An
// engine's own test calls Run; what is particular to the engine, such as its
// files or its failures, is tested beside it.
//
// It imports store and paycor, and is imported by tests only.
package storetest

import (
	"context"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testTimeout bounds every test. A healthy engine needs a small part of it.
const testTimeout = 60 * time.Second

// Run runs the suite. open opens a new, empty store and closes it when the
// test ends. reopen closes a store and opens it again with what it holds.
func Run(t *testing.T, open func(t *testing.T) store.Store, reopen func(t *testing.T, s store.Store) store.Store) {
	tests := []struct {
		name string
		run  func(t *testing.T, s store.Store)
	}{
		{"a credential comes back exactly", testCredentialRoundTrip},
		{"insert, update, delete", testCredentialLifecycle},
		{"secrets are kept, replaced and refused", testSecrets},
		{"another workspace sees nothing", testWorkspaceIsolation},
		{"stale versions change nothing", testStaleVersion},
		{"a failed update leaves nothing", testRollBack},
		{"a write that panics leaves nothing", testPanic},
		{"a write that ends its goroutine leaves nothing", testGoexit},
		{"an ended context leaves nothing", testCanceledContext},
		{"a transaction is over when it is over", testUseAfterEnd},
		{"a view is one state", testViewIsSnapshot},
		{"concurrent updates lose nothing", testConcurrentUpdates},
		{"one that fails does not hurt the others", testFailedUpdateAmongOthers},
		{"lists are in order", testListOrder},
		{"paging goes on while others insert", testPaging},
		{"limits", testLimits},
		{"cursors are not to be changed", testCursor},
		{"search", testSearch},
		{"allow-lists", testAllowList},
		{"idempotency", testIdempotency},
		{"audit", testAudit},
		{"looking through the audit", testAuditSearch},
		{"tokens", testAPITokens},
		{"sessions", testSessions},
		{"sessions of a person, of a workspace, of a provider", testSessionLists},
		{"sharing", testSharing},
		{"sign-in links", testSignInLinks},
		{"a link is used once", testSignInLinkUsedOnce},
		{"what a credential holds", testTokenState},
		{"activations", testActivations},
		{"embedding hosts", testEmbedHosts},
		{"a host's tokens are used once", testEmbedTokens},
		{"embedded sessions end with their host", testEmbedSessions},
		{"rotations", testRotations},
		{"checkups", testSchedule},
		{"environments in use", testUsedEnvironments},
		{"what is saved already", testDuplicates},
		{"sweeping", testDeleteExpired},
		{"the list of tokens", testAPITokenList},
		{"uses are counted", testUsage},
		{"uses are taken once", testTakeUsageBuckets},
		{"failed uses", testFailures},
		{"failed uses that are alike", testFailureGroups},
		{"a history without uses", testCredentialHistory},
		{"versions", testVersion},
		{"fingerprints", testFingerprint},
		{"a closed store says so", testClosed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
	t.Run("everything is there after reopening", func(t *testing.T) { testReopen(t, open(t), reopen) })
}

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	t.Cleanup(cancel)
	return ctx
}

func update(t *testing.T, s store.Store, write func(store.Tx) error) {
	t.Helper()
	require.NoError(t, s.Update(testContext(t), write))
}

func view(t *testing.T, s store.Store, read func(store.Reader) error) {
	t.Helper()
	require.NoError(t, s.View(testContext(t), read))
}

func insert(t *testing.T, s store.Store, workspace string, c paycor.Credential, secrets store.Secrets) {
	t.Helper()
	update(t, s, func(tx store.Tx) error { return tx.InsertCredential(workspace, c, secrets) })
}

func credential(t *testing.T, s store.Store, workspace, id string) paycor.Credential {
	t.Helper()
	var found paycor.Credential
	view(t, s, func(r store.Reader) (err error) {
		found, err = r.Credential(workspace, id)
		return err
	})
	return found
}

func secrets(t *testing.T, s store.Store, workspace, id string) store.Secrets {
	t.Helper()
	var found store.Secrets
	view(t, s, func(r store.Reader) (err error) {
		found, err = r.Secrets(workspace, id)
		return err
	})
	return found
}

func list(t *testing.T, s store.Store, workspace string, query paycor.Query, only ...string) paycor.CredentialPage {
	t.Helper()
	var page paycor.CredentialPage
	view(t, s, func(r store.Reader) (err error) {
		page, err = r.Credentials(workspace, query, only)
		return err
	})
	return page
}

func ids(page paycor.CredentialPage) []string {
	found := []string{}
	for _, c := range page.Credentials {
		found = append(found, c.ID)
	}
	return found
}

// at is some moment, exact to the nanosecond.
func at(seconds int) time.Time {
	return time.Date(2031, 5, 6, 7, 8, 0, 123456789, time.UTC).Add(time.Duration(seconds) * time.Second)
}

// newCredential is a small credential.
func newCredential(id, name string) paycor.Credential {
	return paycor.Credential{
		ID: id, Name: name, Environment: "sandbox", Grant: paycor.GrantClientCredentials,
		ClientID: "client-of-" + id, LegalEntityID: 4711, State: paycor.StateNotVerified,
		CreatedAt: at(0), UpdatedAt: at(0), Version: 1,
	}
}

// fullCredential is a credential with every field set.
func fullCredential(id string) paycor.Credential {
	settled := verdicts.Verdict{
		Outcome: verdicts.OutcomeRejected, Fields: []fields.Field{fields.ClientSecret}, Code: "wrong_secret",
		Message: message.New("verdict.wait.seconds.other", 7), Remedy: message.Text("Copy it again."), Detail: "invalid_client — „ungültig“",
		CorrelationID: "c0ffee", CheckedAt: at(3),
		Steps:    []verdicts.Step{{Name: verdicts.StepToken, State: verdicts.StepFailed, Note: message.Text("no token")}},
		Entities: []verdicts.LegalEntity{{ID: 7, TenantID: 8, Name: "Ünïted"}},
	}
	latest := verdicts.Verdict{
		Outcome: verdicts.OutcomeThrottled, Fields: []fields.Field{}, RetryAfter: 30, CheckedAt: at(4), Steps: []verdicts.Step{},
	}
	return paycor.Credential{
		ID: id, Name: "Payroll – Zürich", Description: "for the nightly\nexport", Environment: "production",
		Grant: paycor.GrantAuthorizationCode, ClientID: "abc", LegalEntityID: paycor.MaxLegalEntityID,
		LegalEntityName: "Ünïted", Scope: "scope",
		HasClientSecret: true, HasSubscriptionKey: true, ClientSecretSavedAt: at(1), SubscriptionKeySavedAt: at(2),
		State: paycor.StateNotReachable, Verdict: &latest, LastConclusive: &settled,
		CreatedAt: at(0), UpdatedAt: at(4), LastUsedAt: at(5), ActivatedAt: at(6), ActivatedBy: "Ann", Version: 12,
	}
}

func someSecrets(salt string) store.Secrets {
	return store.Secrets{
		fields.ClientSecret:    paycor.NewSecret("client secret of " + salt),
		fields.SubscriptionKey: paycor.NewSecret("subscription key of " + salt),
	}
}
