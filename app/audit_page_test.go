package app

import (
	"testing"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
)

func TestAnEntryInWords(t *testing.T) {
	start := startList()
	start.Environments = []paycor.Environment{{Name: "production"}}
	p, _, _ := newAnyTestPage(start)
	for name, one := range map[string]struct {
		entry          audit.Entry
		before, behind string
	}{
		"which host":  {audit.Entry{Action: audit.ActionHostAdd, Outcome: "done", Detail: "console"}, say("activity.host.add", "Ann"), "console"},
		"which token": {audit.Entry{Action: audit.ActionTokenRevoke, Outcome: "done", Detail: "token_1"}, say("activity.token.revoke", "Ann"), "token_1"},
		"what a token was given": {audit.Entry{Action: audit.ActionToken, Outcome: "done", Detail: "token_1 rights=view,use credentials=cred_a,cred_b,+3 until=2026-04-02T12:00:00Z name=Nightly import"},
			say("activity.token.create", "Ann") + " for “Nightly import”", "Rights: view, use. For cred_a, cred_b and 3 more. Expires Apr 2, 2026, 12:00 PM UTC. token_1"},
		"what a token had": {audit.Entry{Action: audit.ActionTokenRevoke, Outcome: "done", Detail: "token_1 rights=read credentials=all until=never name=Nightly import"},
			"Ann revoked an API token for “Nightly import”", "Rights: read. For all credentials. Never expires. token_1"},
		"values that are not saved": {audit.Entry{Action: audit.ActionVerifyDraft, Outcome: "verified", Detail: "verified environment=production"},
			say("audit.tried-new", "Ann"), "In Production. Verified"},
		"new values for a credential": {audit.Entry{Action: audit.ActionVerifyDraft, Credential: "c", Outcome: "begun", Detail: "environment=gone"}, say("activity.credential.verify_draft", "Ann"), "In gone. " + say("audit.outcome.begun")},
		"such of an old entry":        {audit.Entry{Action: audit.ActionVerifyDraft, Outcome: "verified", Detail: "verified"}, say("audit.tried-new", "Ann"), say("state.verified")},
		"the same elsewhere": {audit.Entry{Action: audit.ActionTryPeer, Outcome: "verified", Detail: "verified environment=production"},
			say("audit.tried-new-elsewhere", "Ann"), "In Production. Verified"},
		"a credential's values elsewhere": {audit.Entry{Action: audit.ActionTryPeer, Credential: "c", Outcome: "verified"}, say("activity.credential.counterpart", "Ann"), say("state.verified")},
		"a call that was refused": {audit.Entry{Action: audit.ActionUse, Credential: "c", Outcome: "refused", Detail: "missing_right_use"},
			say("audit.refused", "Ann", say("action.credential.use"), say("audit.reason.missing_right", "use")), ""},
		"what of it": {audit.Entry{Action: audit.ActionHostUpdate, Outcome: "done", Detail: "console", Fields: []fields.Field{fields.HostOrigins}},
			say("activity.host.update", "Ann"), "console. Origins"},
		"whom a host vouched for": {audit.Entry{Action: audit.ActionEmbed, Outcome: "done", Detail: "console"}, say("activity.access.embed", "Ann"), "console"},
		"a token that was used": {audit.Entry{Action: audit.ActionRefused, Outcome: "refused", Detail: string(embed.KindTokenReplayed)},
			say("audit.denied", "Ann", say("audit.reason.token_replayed")), ""},
		"an archive": {audit.Entry{Action: audit.ActionArchive, Outcome: "done", Detail: "1 1042:5f3c"}, say("activity.audit.archive", "Ann"), say("audit.archived", "1", "1042")},
		"a record that was altered": {audit.Entry{Action: audit.ActionAltered, Outcome: "refused", Detail: audit.AlteredDetail("api_token", "token_1")},
			"A record that was changed outside of this server was refused: API token token_1.", ""},
		"a migration":        {audit.Entry{Action: audit.ActionMigrate, Outcome: "done", Detail: "9 10 3"}, say("activity.store.migrate", "Ann"), say("audit.migrated", "9", "10", "3")},
		"of a newer program": {audit.Entry{Action: "new.act", Outcome: "done"}, "Ann: new.act", ""},
	} {
		t.Run(name, func(t *testing.T) {
			one.entry.CallerName = "Ann"
			before, behind := (&auditPage{page: p}).text(one.entry)
			assert.Equal(t, one.before, before)
			assert.Equal(t, one.behind, behind)
		})
	}
}

// Entries that cannot be read are counted over all pages that are shown.
func TestAuditPageSaysWhatItLeavesOut(t *testing.T) {
	start := startList()
	p, _, _ := newAnyTestPage(start)
	a := &auditPage{page: p}
	a.take(audit.Page{Entries: []audit.Entry{{Sequence: 2}}, Next: "1", Unreadable: 1}, 0)
	assert.Contains(t, goapp.HTMLString(a.renderNotice()), say("audit.unreadable.one"))
	a.take(audit.Page{Unreadable: 2}, 1)
	assert.Contains(t, goapp.HTMLString(a.renderNotice()), say("audit.unreadable.other", "3"))
}
