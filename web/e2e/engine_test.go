package e2e_test

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit"
)

// What people and programs do with the page and the API, so that each page and each table is
// used, with PostgreSQL, too. The tests of this package are of the page; web/authz runs as a
// whole with both engines, and web/replicas kills servers and PostgreSQL.
func TestOnPostgres(t *testing.T) {
	t.Parallel()
	testkit.Postgres(t) // or it is not installed
	for name, test := range map[string]func(*testing.T){
		"activation":         TestActivationThroughPaycorsPage,
		"activation link":    TestALinkForAPaycorAdministrator,
		"add and select":     TestAPersonAddsACredentialAndSelectsIt,
		"application":        TestAnApplicationPageNamesItsCredentials,
		"audit trail":        TestAPersonSearchesTheAuditTrail,
		"call":               TestACallGoesThroughACredential,
		"change and delete":  TestACredentialIsChangedCopiedAndDeleted,
		"commands":           TestTheAuditTrailIsCheckedByCommand,
		"consumers":          TestConsumerLifecycle,
		"embedding":          TestPick,
		"embedding sites":    TestHostsOnThePage,
		"filters and counts": TestCountsFollowChanges,
		"kill":               TestKillLosesNoAcknowledgedSave,
		"notifications":      TestNotificationsArrive,
		"rotation":           TestRotatingASecret,
		"search":             TestManyCredentialsAndTheSearch,
		"several at once":    TestSeveralCredentialsAtOnce,
		"sign-in":            TestSigningInWithAProvider,
		"system":             testSystemOnPostgres,
	} {
		t.Run(name, test)
	}
}

// testSystemOnPostgres checks what the page about the server says of PostgreSQL.
func testSystemOnPostgres(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p).signIn()
	b.system()
	b.seesText(locale.English.Text("health.integrity-server"), locale.English.Text("health.backup-server-fix"))
}

// databases are the URLs of the databases of programs on PostgreSQL, by data directory.
var databases sync.Map

// placeDatabase gives a data directory a database on PostgreSQL, in tests of that engine.
func placeDatabase(t testing.TB, data string) {
	t.Helper()
	if _, placed := databases.Load(data); !placed && strings.HasPrefix(t.Name(), "TestOnPostgres/") {
		databases.Store(data, testkit.Postgres(t))
	}
}

// databaseVariables are the environment variables with which the program finds the database
// of the data directory that its arguments name.
func databaseVariables(arguments []string) []string {
	if i := slices.Index(arguments, "--data"); i >= 0 && i+1 < len(arguments) {
		if url, placed := databases.Load(arguments[i+1]); placed {
			return []string{"PAYCORCRED_DATABASE=" + url.(string)}
		}
	}
	return nil
}

// openDatabase opens the program's database, as another process does.
func (p *program) openDatabase() (opened store.Database) {
	p.t.Helper()
	var err error
	key := filepath.Join(p.data, "paycorcred.key")
	if url, placed := databases.Load(p.data); placed {
		opened, err = postgres.Open(p.t.Context(), postgres.Config{URL: url.(string), KeyFile: key})
	} else {
		opened, err = sqlite.Open(p.t.Context(), sqlite.Config{Path: filepath.Join(p.data, "paycorcred.db"), KeyFile: key})
	}
	require.NoError(p.t, err)
	return opened
}
