// Package storetest is the conformance suite of package store: every engine
// passes it. An engine's own test calls Run. Tests that are specific to an
// engine, such as those of its files and failures, are in the engine's package.
package storetest

import (
	"testing"

	"paycorcred/paycor/store"
)

// test is one test of the suite.
type test struct {
	name string
	run  func(t *testing.T, s store.Store)
}

// records has the tests for each kind of record.
var records = []test{
	{"credential/round trip", testCredentialRoundTrip},
	{"credential/insert, update, delete", testCredentialLifecycle},
	{"credential/stale version", testStaleVersion},
	{"credential/workspace isolation", testWorkspaceIsolation},
	{"credential/environments in use", testUsedEnvironments},
	{"credential/duplicates", testDuplicates},
	{"credential list/order", testListOrder},
	{"credential list/paging during inserts", testPaging},
	{"credential list/limits", testLimits},
	{"credential list/tampered cursors", testCursor},
	{"credential list/search", testSearch},
	{"credential list/filters", testListFilters},
	{"credential list/filter of an application", testListFilterOfApplication},
	{"credential list/cursor of a sort", testCursorOfSort},
	{"credential list/allow-list", testAllowList},
	{"application/credentials", testApplications},
	{"application/list", testApplicationList},
	{"application/writes", testApplicationWrites},
	{"application/moves", testApplicationMoves},
	{"secret", testSecrets},
	{"sharing", testSharing},
	{"rotation", testRotations},
	{"schedule", testSchedule},
	{"token state", testTokenState},
	{"activation", testActivations},
	{"idempotency", testIdempotency},
	{"usage/totals", testUsage},
	{"usage/of an application", testApplicationUsage},
	{"usage/buckets are taken once", testTakeUsageBuckets},
	{"usage/failures", testFailures},
	{"usage/failure groups", testFailureGroups},
	{"usage/failure groups are distinguished", testFailureGroupIdentity},
	{"usage/failure groups start again", testFailureGroupAge},
	{"audit/append", testAppendAudit},
	{"audit/list", testAuditList},
	{"audit/concurrent appends", testConcurrentAppends},
	{"audit/search", testAuditSearch},
	{"audit/archived entries", testArchivedAudit},
	{"audit/history of a credential", testCredentialHistory},
	{"audit/history of an application", testApplicationHistory},
	{"API token/round trip", testAPITokens},
	{"API token/list, revoke, delete", testAPITokenList},
	{"session/round trip", testSessions},
	{"session/lists", testSessionLists},
	{"sign-in link/round trip", testSignInLinks},
	{"sign-in link/used once", testSignInLinkUsedOnce},
	{"activation link/round trip", testActivationLinks},
	{"audit stream/round trip", testAuditStreams},
	{"activation link/used once", testActivationLinkUsedOnce},
	{"embed/sites", testEmbedHosts},
	{"embed/tenants", testEmbedTenants},
	{"embed/tokens are used once", testEmbedTokens},
	{"embed/sessions", testEmbedSessions},
	{"embed/one-time tokens", testOneTimeTokens},
	{"notification/channels", testNotificationChannels},
	{"notification/deliveries", testNotificationDeliveries},
	{"notification/deliveries are claimed once", testNotificationClaims},
	{"notification/changes of a credential", testNotificationOfCredential},
	{"notification/flapping", testNotificationFlapping},
	{"notification/other events", testNotificationEvents},
	{"notification/reminders", testReminders},
	{"notification/nothing without a channel", testNoNotification},
	{"expiry", testDeleteExpired},
	{"environment/addresses", testEnvironmentAddresses},
	{"key/rotation", testKeyRotation},
	{"key/rolled back", testKeyRollBack},
	{"key/wrapped again", testKeyRewrap},
	{"key/changed meanwhile", testStaleKeyChange},
	{"key/saves during a rotation", testKeysDuringSaves},
	{"inventory", testInventory},
}

// transactions has the tests for transactions and for the store as a whole.
var transactions = []test{
	{"transaction/rollback on error", testRollBack},
	{"transaction/rollback on panic", testPanic},
	{"transaction/rollback on Goexit", testGoexit},
	{"transaction/canceled context", testCanceledContext},
	{"transaction/use after its end", testUseAfterEnd},
	{"transaction/a view is a snapshot", testViewIsSnapshot},
	{"transaction/concurrent updates", testConcurrentUpdates},
	{"transaction/failed update among others", testFailedUpdateAmongOthers},
	{"version", testVersion},
	{"fingerprint", testFingerprint},
	{"close", testClosed},
}

// Run runs the suite in parallel subtests. open opens a new, empty store and closes
// it when the test ends. reopen closes a store and opens it again with its data.
func Run(t *testing.T, open func(t *testing.T) store.Store, reopen func(t *testing.T, s store.Store) store.Store) {
	for _, tests := range [][]test{records, transactions} {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				test.run(t, open(t))
			})
		}
	}
	t.Run("reopen", func(t *testing.T) {
		t.Parallel()
		testReopen(t, open(t), reopen)
	})
}
