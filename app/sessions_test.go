package app

import (
	"strings"
	"testing"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/session"
	"paycorcred/paycor/usage"
)

// within returns a session with an idle end and an absolute end.
func within(idle, limit time.Duration) session.Session {
	return session.Session{ID: "sess_a", Name: "Ada", SeenAt: noon.Add(idle - time.Hour), IdleEnds: noon.Add(idle), EndsAt: noon.Add(limit), Current: true}
}

func TestTheEndOfASessionIsAnnounced(t *testing.T) {
	unauthorized := paycor.Errorf(paycor.KindUnauthorized, "signed out")
	tests := map[string]struct {
		known session.Session // when the page opened
		now   session.Session // from the server
		err   error
		how   sessionPhase
		asks  bool
		says  string
	}{
		"far away":                   {within(time.Hour, 9*time.Hour), within(time.Hour, 9*time.Hour), nil, sessionActive, false, ""},
		"soon":                       {within(4*time.Minute, 9*time.Hour), within(4*time.Minute, 9*time.Hour), nil, sessionEnding, true, "because you’ve been inactive"},
		"another tab was used":       {within(4*time.Minute, 9*time.Hour), within(time.Hour, 9*time.Hour), nil, sessionActive, true, ""},
		"the limit":                  {within(time.Hour, 4*time.Minute), within(time.Hour, 4*time.Minute), nil, sessionEnding, true, "Your session ends at"},
		"over":                       {within(-time.Minute, 9*time.Hour), session.Session{}, unauthorized, sessionEnded, true, "You’re signed out."},
		"the server cannot be asked": {within(4*time.Minute, 9*time.Hour), session.Session{}, paycor.Errorf(paycor.KindUnavailable, "later"), sessionActive, true, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			start := startList()
			start.Session = &test.known
			p, service, _ := newAnyTestPage(start)
			service.session, service.err = test.now, test.err
			asked := false
			service.during = func() { asked = true }
			p.sessionMonitor.check()
			assert.Equal(t, test.asks, asked, "what the clock alone tells costs no request")
			assert.Equal(t, test.how, p.sessionMonitor.phase)
			html := goapp.HTMLString(p)
			if test.says != "" {
				assert.Contains(t, html, test.says)
			} else {
				assert.NotContains(t, html, `role="alert" class="watch`)
			}
		})
	}
}

func TestStayingSignedIn(t *testing.T) {
	start := startList()
	soon := within(4*time.Minute, 9*time.Hour)
	start.Session = &soon
	p, service, _ := newAnyTestPage(start)
	service.session = soon
	p.sessionMonitor.check()
	require.Equal(t, sessionEnding, p.sessionMonitor.phase)
	service.session = within(time.Hour, 9*time.Hour)
	p.sessionMonitor.extend()
	assert.Equal(t, 1, service.stayed)
	assert.Equal(t, sessionActive, p.sessionMonitor.phase)
	assert.Equal(t, "You’ll stay signed in until at least 1:00 PM UTC.", p.sessionMonitor.note)
	service.session = within(13*time.Hour, 14*time.Hour)
	p.sessionMonitor.extend()
	assert.Equal(t, "You’ll stay signed in until at least 1:00 AM UTC on Mar 4.", p.sessionMonitor.note)
}

func TestSigningInAgainElsewhereIsNoticed(t *testing.T) {
	start := startList()
	over := within(-time.Minute, 9*time.Hour)
	start.Session = &over
	p, service, _ := newAnyTestPage(start)
	service.err = paycor.Errorf(paycor.KindUnauthorized, "signed out")
	p.sessionMonitor.check()
	require.Equal(t, sessionEnded, p.sessionMonitor.phase)
	service.err, service.session = nil, within(time.Hour, 9*time.Hour)
	p.sessionMonitor.check()
	assert.Equal(t, sessionActive, p.sessionMonitor.phase)
	assert.Equal(t, say("session.again"), p.sessionMonitor.note)
}

func TestSharingIsSent(t *testing.T) {
	p, service, document := newTestPage(startOwn(sample("id1", "Name")))
	d := p.detail.sharing.dialog
	d.openForChange()
	assert.Equal(t, "sharing-everybody", document.HasFocus)
	d.restricted = true
	document.Values["sharing-people"], document.Values["sharing-groups"] = " Ann@Example.com\n\nbea ", "payroll"
	restricted := sample("id1", "Name")
	restricted.Sharing = &paycor.Sharing{People: []string{"ann@example.com", "bea"}, Groups: []string{"payroll"}}
	service.one = restricted
	d.submit()
	require.Len(t, service.shared, 1)
	assert.Equal(t, restricted.Sharing, service.shared[0])
	assert.False(t, d.IsOpen())
	assert.Equal(t, sharingChange, document.HasFocus)
	page := render(t, p)
	assert.Equal(t, say("sharing.saved", "Name"), page.ID(t, sharingStatus).Text(), "next to the focus")
	assert.Empty(t, page.ID(t, "status").Text(), "not at the top, which may be out of sight")

	d.openForChange()
	assert.Empty(t, render(t, p).ID(t, sharingStatus).Text())
	assert.Equal(t, "ann@example.com\nbea", document.Values["sharing-people"])
	service.err = paycor.Errorf(paycor.KindInvalid, "You would shut yourself out.")
	d.submit()
	assert.True(t, d.IsOpen(), "what was typed stays")
	assert.Equal(t, "sharing-summary", document.HasFocus)
	assert.Contains(t, goapp.HTMLString(p), "You would shut yourself out.")
	service.err = nil
	document.Values["sharing-people"] = strings.Repeat("a", 201)
	d.submit()
	assert.NotEmpty(t, d.Error(fields.Sharing))
	assert.Len(t, service.shared, 2, "nothing is sent")
}

// The page names the programs that a restriction excludes.
func TestARestrictionNamesBlockedPrograms(t *testing.T) {
	user := func(id string) usage.User {
		return usage.User{Kind: paycor.CallerConsumer, ID: id, Name: "program " + id, LastUsedAt: noon}
	}
	all, named, strong, ended := someConsumer("all", "a"), someConsumer("named", "b"), someConsumer("strong", "c"), someConsumer("ended", "d")
	named.Credentials, ended.State = []string{"id1"}, consumer.Revoked
	strong.Rights = paycor.Rights{paycor.RightUse, paycor.RightAdmin}
	begin := func(users []usage.User, change func(*api.Start)) string {
		start := startOwn(sample("id1", "Name"))
		start.Usage = &usage.Usage{Hours: usage.LastHours(noon), Users: users}
		start.Caller.Rights = paycor.AllRights()
		change(&start)
		p, service, _ := newTestPage(start)
		service.programs = []consumer.Consumer{all, named, strong, ended, someConsumer("idle", "e")}
		p.detail.sharing.dialog.openForChange()
		return render(t, p).ID(t, "sharing-cut").Text()
	}
	as := func(*api.Start) {}
	users := []usage.User{user("all"), user("named"), user("strong"), user("ended")}
	assert.Equal(t, say("sharing.cut", "program all"), begin(users, as))
	assert.Equal(t, say("sharing.cut-none"), begin(users[1:], as))
	assert.Equal(t, say("sharing.cut-unknown"), begin(users, func(s *api.Start) { s.Caller.Rights = paycor.Rights{paycor.RightView, paycor.RightEdit} }))
}

func TestEndingASignIn(t *testing.T) {
	start := startList()
	start.Path = "/sign-ins"
	other := within(time.Hour, 9*time.Hour)
	other.ID, other.Current = "sess_b", false
	start.Sessions.Sessions = []session.Session{within(time.Hour, 9*time.Hour), other}
	p, service, _ := newAnyTestPage(start)
	html := goapp.HTMLString(p)
	assert.Contains(t, html, say("sign-ins.current"))
	assert.NotContains(t, html, `id="end-sess_a"`, "for one's own there is Sign out")
	screen := p.screen.(*sessionsPage)
	screen.end(other)
	assert.Equal(t, []string{"sess_b"}, service.ended)
	assert.Len(t, screen.list.Sessions, 1)
	service.err = paycor.Errorf(paycor.KindUnavailable, "Later.")
	screen.end(screen.list.Sessions[0])
	assert.Len(t, screen.list.Sessions, 1)
	assert.Equal(t, "Later.", screen.failure)
}
