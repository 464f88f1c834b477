package app

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// readable returns the result of an access probe that can read only some lists.
func readable(names ...string) *verdicts.DataAccess {
	known := map[string]verdicts.Readable{}
	for _, name := range verdicts.ListNames() {
		known[name] = verdicts.ReadableNo
	}
	for _, name := range names {
		known[name] = verdicts.ReadableYes
	}
	return verdicts.NewDataAccess(known, noon)
}

// verified returns a verified credential with what it can read.
func verified(access *verdicts.DataAccess) paycor.Credential {
	verdict := verdicts.CodeVerified.Verdict()
	verdict.CheckedAt, verdict.DataAccess = noon, access
	if access.DeniedGroups() != nil && len(access.DeniedGroups()) == len(access.Groups) {
		verdict = verdicts.CodeVerifiedNoAccess.Verdict()
		verdict.CheckedAt, verdict.DataAccess = noon, access
	}
	return sample("id1", "One").WithVerdict(verdict)
}

// worked returns a rejected credential that worked an hour before.
func worked(change *verdicts.Change) paycor.Credential {
	verdict := verdicts.CodeSecretRejected.Verdict()
	verdict.CheckedAt, verdict.LastSuccess = noon, &verdicts.LastSuccess{At: noon.Add(-time.Hour), Change: change}
	return sample("id1", "One").WithVerdict(verdict)
}

// The page says what is so: each sentence about a state follows from what is stored. A
// row is what is stored, and what the tile, the page and the notice about a selected
// credential say and do not say about it.
func TestEachStatementFollowsFromWhatIsStored(t *testing.T) {
	token := &usage.Usage{TokenExpiresAt: noon.Add(25 * time.Minute)}
	overnight := &usage.Usage{TokenExpiresAt: noon.Add(12*time.Hour + 26*time.Minute)}
	expired := &usage.Usage{}
	by := func(kind verdicts.ChangeKind, names ...fields.Field) *verdicts.Change {
		return &verdicts.Change{Kind: kind, At: noon.Add(-20 * time.Minute), By: "Ann", Fields: names}
	}
	const until, afterwards = "Programs can go on with the current access token until about 12:25", "at the latest when the current access token expires"
	for name, test := range map[string]struct {
		credential paycor.Credential
		usage      *usage.Usage
		tile       string   // says, besides the name
		page       []string // say
		not        []string // neither says
	}{
		"never checked": {credential: sample("id1", "One"),
			tile: "Not verified", page: []string{"Not checked with Paycor yet.", "Calls may fail."}, not: []string{"Last checked", "Calls will fail"}},
		"verified": {credential: verified(readable(verdicts.ListNames()...)), usage: token,
			tile: "Verified", page: []string{"Paycor accepts this credential."}, not: []string{"Denied", "fail", "access token until", "worked until"}},
		"little can be read": {credential: verified(readable("employees", "persons", "departments")),
			tile: "Denied: Payroll, Time and attendance.", page: []string{"Verified", "Denied: Payroll"}, not: []string{"Most data access", "no data access", "fail"}},
		"one group can be read": {credential: verified(readable("employees")),
			tile: "Most data access is denied. Denied: Organization, Payroll, Time and attendance.", page: []string{"Verified"}, not: []string{"no data access", "fail"}},
		"little of each group can be read": {credential: verified(readable("employees", "departments", "pay_groups", "time_off_types")),
			tile: "Most data access is denied.", not: []string{"Denied:"}},
		"half can be read": {credential: verified(readable("employees", "persons", "departments", "job_titles", "work_locations")),
			tile: "Verified", not: []string{"Most data access", "Denied"}},
		"nothing can be read": {credential: verified(readable()),
			tile: "Denied: Employee data, Organization, Payroll, Time and attendance.", page: []string{"Verified, no data access", "Denied: Employee data"}, not: []string{"Most data"}},
		"key rejected": {credential: withVerdicts(verdicts.CodeKeyRejected), usage: token, // the gateway asks for the key at each call
			tile: "Rejected: APIM Subscription Key", page: []string{"Calls will fail until this is fixed."}, not: []string{until, afterwards, "worked until"}},
		"client rejected, token known": {credential: withVerdicts(verdicts.CodeClientRejected), usage: token,
			tile: "Rejected: Client ID or Client Secret", page: []string{until}, not: []string{"Calls will fail until"}},
		"client rejected, token until tomorrow": {credential: withVerdicts(verdicts.CodeClientRejected), usage: overnight,
			tile: "Rejected", page: []string{"until about 12:26 AM UTC on Mar 4. After that"}},
		"client rejected, no token": {credential: withVerdicts(verdicts.CodeClientRejected), usage: expired,
			tile: "Rejected", page: []string{"Calls will fail until this is fixed."}, not: []string{"access token"}},
		"client rejected, token not known": {credential: withVerdicts(verdicts.CodeClientRejected),
			tile: "Rejected", page: []string{afterwards}, not: []string{until}},
		"entity rejected": {credential: withVerdicts(verdicts.CodeEntityNotFound), usage: token,
			tile: "Rejected: Legal Entity ID", page: []string{"The secrets work, but calls for legal entity 654321 will fail."}, not: []string{"Calls will fail", "access token"}},
		"right missing": {credential: withVerdicts(verdicts.CodeRightMissing), usage: token,
			tile: "Rejected", page: []string{"The secrets work, but calls that need the missing right will fail."}, not: []string{"Calls will fail until"}},
		"needs activation": {credential: withVerdicts(verdicts.CodeActivationNeeded), usage: expired,
			tile: "Needs activation", page: []string{"Calls will fail until this is fixed."}, not: []string{"Rejected"}},
		"needs activation, token known": {credential: withVerdicts(verdicts.CodeRefreshUsed), usage: token,
			tile: "Needs activation", page: []string{until}, not: []string{"Calls will fail until"}},
		"rejected after an unknown change": {credential: worked(nil),
			tile: "Rejected", page: []string{"This worked until Mar 3, 11:00 AM UTC (1 hour ago). Nothing was changed here since."}, not: []string{"Ann"}},
		"rejected after a rotation": {credential: worked(by(verdicts.ChangeRotated, fields.ClientSecret)),
			tile: "Rejected: Client Secret", page: []string{"This worked until Mar 3, 11:00 AM UTC (1 hour ago). Ann rotated Client Secret on Mar 3, 11:40 AM UTC (20 minutes ago)."}},
		"rejected after an edit": {credential: worked(by(verdicts.ChangeEdited, fields.ClientID, fields.ClientSecret)),
			tile: "Rejected", page: []string{"Ann changed Client ID and Client Secret on Mar 3"}},
		"rejected after a rollback": {credential: worked(by(verdicts.ChangeRolledBack, fields.ClientSecret)),
			tile: "Rejected", page: []string{"Ann went back to the previous Client Secret on Mar 3"}},
		"rejected after an activation": {credential: worked(&verdicts.Change{Kind: verdicts.ChangeActivated, At: noon}),
			tile: "Rejected", page: []string{"Someone activated the application again on Mar 3"}},
		"not reached": {credential: withVerdicts(verdicts.CodeVerified, verdicts.CodeDNS),
			tile: "Not reachable", page: []string{"Last known state: Verified.", "Calls may fail."}, not: []string{"Calls will fail"}},
		"no response": {credential: withVerdicts(verdicts.CodeVerified, verdicts.CodeTimeout), tile: "Not reachable"},
		"an error of Paycor": {credential: withVerdicts(verdicts.CodeVerified, verdicts.CodeServerError),
			tile: "Paycor error", page: []string{"Last known state: Verified."}, not: []string{"Not reachable"}},
		"throttled": {credential: withVerdicts(verdicts.CodeVerified, verdicts.CodeRateLimited),
			tile: "Paycor asked us to wait", not: []string{"Not reachable"}},
		"a page of a proxy": {credential: withVerdicts(verdicts.CodeVerified, verdicts.CodeHTMLPage), tile: "No valid response", not: []string{"Not reachable"}},
		"nothing sent":      {credential: withVerdicts(verdicts.CodeVerified, verdicts.CodeEnvironmentUnusable), tile: "Not checked", not: []string{"Not reachable"}},
		"rejected, then not reached": {credential: withVerdicts(verdicts.CodeKeyRejected, verdicts.CodeDNS),
			tile: "Rejected when last checked", page: []string{"Last known state: Rejected.", "Calls will fail until this is fixed."}, not: []string{"Calls may fail"}},
		"never reached": {credential: withVerdicts(verdicts.CodeDNS),
			tile: "Not verified", page: []string{"Last attempt:"}, not: []string{"Last checked:", "Not reachable"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, _, _ := newTestPage(startList(test.credential))
			tile := label(render(t, p), tileID("id1"))
			start := startOwn(test.credential)
			start.Usage, start.Chosen = test.usage, true
			own, _, _ := newTestPage(start)
			page := statements(t, own)
			assert.Contains(t, tile, test.tile)
			for _, words := range test.page {
				assert.Contains(t, page, words)
			}
			for _, words := range test.not {
				assert.NotContains(t, tile, words)
				assert.NotContains(t, page, words)
			}
		})
	}
}

// label returns the text of the label of an element.
func label(page domtest.Tree, id string) string {
	return page.All(func(n domtest.Tree) bool { return n.Data == "label" && n.Attribute("for") == id })[0].Text()
}

// statements returns what a detail page says about the state: in its head, the notice
// about a selected credential and the card of the verification.
func statements(t *testing.T, p *credentialsPage) string {
	t.Helper()
	page := render(t, p)
	var said []string
	for _, part := range page.All(func(n domtest.Tree) bool {
		return n.Attribute("class") == "lead-state" || n.Attribute("class") == "notice" || n.Attribute("aria-labelledby") == "verification"
	}) {
		said = append(said, part.Text())
	}
	return strings.Join(said, " ")
}

// Somebody who may not verify is not told to press a button they do not have.
func TestNoButtonIsNamedThatIsNotThere(t *testing.T) {
	for _, rights := range []paycor.Rights{paycor.AllRights(), {paycor.RightView}} {
		start := startOwn(sample("id1", "One"))
		start.Caller.Rights = rights
		p, _, _ := newTestPage(start)
		page := render(t, p)
		assert.Equal(t, page.Has("verify"), strings.Contains(page.Text(), say("detail.never.verify")), rights)
	}
}

// Whether the values work in the other environment is not known after an outage of any kind.
func TestThePeerCheckSaysWhatHappened(t *testing.T) {
	start := startOwn(withVerdicts(verdicts.CodeKeyRejected))
	for i := range start.Environments {
		start.Environments[i].Peer = start.Environments[(i+1)%2].Name
	}
	p, service, _ := newTestPage(api.Start(start))
	service.peer = paycor.PeerAnswer{Verdict: verdicts.CodeServerError.Verdict()}
	p.detail.peer.start()
	text := render(t, p).Text()
	assert.Contains(t, text, "We couldn’t check the values with")
	assert.NotContains(t, text, "couldn’t reach")
}

// What Paycor denies is found after a save. A page that was opened in between asks for it.
func TestAPageAsksForTheResultOfAProbe(t *testing.T) {
	probed, waiting := verified(readable("employees")), withVerdicts(verdicts.CodeVerified)
	for name, test := range map[string]struct {
		start api.Start
		asks  bool
	}{
		"list, probed":    {startList(probed), false},
		"list, not yet":   {startList(probed, waiting), true},
		"page, probed":    {startOwn(probed), false},
		"page, not yet":   {startOwn(waiting), true},
		"never verified":  {startList(sample("id1", "One")), false},
		"another address": {api.Start{Path: api.PathAudit}, false},
	} {
		p, _, _ := newAnyTestPage(test.start)
		assert.Equal(t, test.asks, p.content.awaitsEvent(), name)
	}
}
