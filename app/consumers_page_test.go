package app

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/session"
)

func someConsumer(id, name string) consumer.Consumer {
	return consumer.Consumer{ID: id, Name: name, State: consumer.Active, Rights: paycor.Rights{paycor.RightRead},
		CreatedAt: noon.Add(-time.Hour), CreatedBy: "Ada", ExpiresAt: noon.AddDate(0, 0, 30), LastUsedAt: noon.Add(-5 * time.Minute)}
}

func startConsumers(consumers ...consumer.Consumer) api.Start {
	start := startList()
	start.Names = []api.CredentialName{{ID: "id1", Name: "One"}, {ID: "id2", Name: "Two"}}
	start.Path, start.Consumers = api.PathConsumers, consumer.Page{Consumers: consumers, Total: len(consumers)}
	return start
}

// newConsumersTestPage returns the page of consumers.
func newConsumersTestPage(t *testing.T, start api.Start) (*Page, *consumersPage, *fakeService, *domtest.Document) {
	t.Helper()
	p, service, document := newAnyTestPage(start)
	screen, ok := p.screen.(*consumersPage)
	require.True(t, ok)
	return p, screen, service, document
}

func TestConsumersAreListed(t *testing.T) {
	revoked, expired, narrow := someConsumer("b", "Old <b>import</b>"), someConsumer("c", "Late"), someConsumer("d", "Narrow")
	revoked.State, revoked.RevokedAt, revoked.RevokedBy = consumer.Revoked, noon, "Bob"
	expired.State, expired.ExpiresAt = consumer.Expired, noon.AddDate(0, 0, -3)
	narrow.Credentials, narrow.Deleted, narrow.ExpiresAt, narrow.LastUsedAt = []string{"id2", "gone", "unknown"}, []string{"gone"}, time.Time{}, time.Time{}
	p, _, _, _ := newConsumersTestPage(t, startConsumers(someConsumer("a", "Nightly"), revoked, expired, narrow))
	page := render(t, p)
	text := page.Text()
	for _, words := range []string{"Nightly", say("right.read"), say("consumer.all"), say("ago.minutes.other", "5"), "by Ada", "Apr 2, 2026",
		"Old <b>import</b>", say("consumer.is.revoked"), "by Bob", say("consumer.is.expired"), "Two " + say("consumer.deleted") + " gone unknown", "Never", say("used.never")} {
		assert.Contains(t, text, words)
	}
	for id, offered := range map[string]bool{"revoke-a": true, "revoke-b": false, "revoke-c": false, "revoke-d": true} {
		assert.Equal(t, offered, page.Has(id), id)
	}
	assert.Empty(t, page.Tags("b"))
}

// A token that was changed in the database is refused. It is among the others, where it
// can be revoked.
func TestAlteredTokenCanBeRevoked(t *testing.T) {
	altered := someConsumer("a", "Nightly")
	altered.State = consumer.Altered
	p, _, _, _ := newConsumersTestPage(t, startConsumers(altered))
	page := render(t, p)
	assert.Contains(t, page.Text(), say("consumer.altered"))
	assert.Contains(t, page.Text(), say("consumer.is.altered"))
	assert.True(t, page.Has("revoke-a"))
	assert.False(t, page.Has("ended-consumers"))
}

func TestATokenOfDeletedCredentialsIsUseless(t *testing.T) {
	some, none := someConsumer("a", "Some"), someConsumer("b", "None")
	some.Credentials, some.Deleted = []string{"id1", "cred_gone"}, []string{"cred_gone"}
	none.Credentials, none.Deleted = []string{"cred_gone"}, []string{"cred_gone"}
	p, screen, _, _ := newConsumersTestPage(t, startConsumers(some, none))
	page := render(t, p)
	card := func(id string) string {
		cards := page.All(func(n domtest.Tree) bool { return n.Attribute("aria-labelledby") == "consumer-name-"+id })
		require.Len(t, cards, 1)
		return cards[0].Text()
	}
	assert.Contains(t, card("a"), "One "+say("consumer.deleted")+" cred_gone")
	assert.Contains(t, card("a"), say("consumer.is.active"))
	assert.NotContains(t, card("a"), say("consumer.stranded"))
	assert.Contains(t, card("b"), say("consumer.stranded"))
	assert.Contains(t, card("b"), say("consumer.is.stranded"))
	assert.NotContains(t, card("b"), say("consumer.is.active"))

	none.RevokedAt = noon
	screen.items = []consumer.Consumer{none}
	assert.NotContains(t, render(t, p).Text(), say("consumer.is.stranded"), "it has ended anyway")
}

func TestCredentialsOfTheSameNameAreQualified(t *testing.T) {
	one := someConsumer("a", "Nightly")
	one.Credentials = []string{"id4", "id1"}
	start := startConsumers(one)
	start.Environments = []paycor.Environment{{Name: "production"}, {Name: "sandbox"}}
	start.Names = append(start.Names,
		api.CredentialName{ID: "id3", Name: "Bakery", Environment: "production", LegalEntityID: 501123},
		api.CredentialName{ID: "id4", Name: "bakery", Environment: "sandbox", LegalEntityID: 501123},
		api.CredentialName{ID: "id5", Name: "Cafe", Environment: "production"},
		api.CredentialName{ID: "id6", Name: "Cafe", Environment: "production"})
	p, screen, service, _ := newConsumersTestPage(t, start)
	for _, name := range start.Names {
		service.page.Credentials = append(service.page.Credentials, paycor.Credential{ID: name.ID, Name: name.Name, Environment: name.Environment, LegalEntityID: name.LegalEntityID})
	}
	screen.tokens.openNew()
	screen.tokens.chooser.setNarrow(true)
	picks := func() (words []string) {
		for _, pick := range render(t, p).All(func(n domtest.Tree) bool { return n.Attribute("class") == "pick" }) {
			words = append(words, pick.Text())
		}
		return words
	}
	assert.Equal(t, []string{"One", "Two", "Bakery Production, Legal Entity 501123", "bakery Sandbox, Legal Entity 501123",
		"Cafe Production, id5", "Cafe Production, id6"}, picks())
	assert.Contains(t, render(t, p).Text(), "bakery Sandbox, Legal Entity 501123 One")
}

// Messages use a right's short name, and the page lists the rights by the same
// names.
func TestRightsShowTheirNames(t *testing.T) {
	one := someConsumer("a", "A")
	one.Rights = paycor.Rights{paycor.RightView, paycor.RightUse}
	words := say("right.view") + " view , " + say("right.use") + " use"
	p, _, _, _ := newConsumersTestPage(t, startConsumers(one))
	page := render(t, p)
	assert.Contains(t, page.Text(), words)
	form := page.ID(t, tokenDialogID)
	for right, name := range map[paycor.Right]string{paycor.RightRead: "Read from Paycor read", paycor.RightEdit: "Change credentials edit", paycor.RightAdmin: "Administer admin"} {
		assert.Contains(t, form.Text(), name, right)
	}

	start := startList()
	start.Path, start.Sessions = "/sign-ins", session.List{Sessions: []session.Session{{ID: "s", Name: "Ada", Rights: one.Rights}}}
	p, _, _ = newAnyTestPage(start)
	assert.Contains(t, render(t, p).Text(), words)

	start = startList()
	start.Path, start.Hosts = "/hosts", embed.HostList{Hosts: []embed.Host{{ID: "h", Name: "Host", Rights: one.Rights}}}
	p, _, _ = newAnyTestPage(start)
	page = render(t, p)
	assert.Contains(t, page.Text(), words)
	assert.Contains(t, page.ID(t, "host-form").Text(), "Read from Paycor read")
}

// Ended tokens come after active ones, including those that ended after the
// list was read.
func TestEndedTokensAreFolded(t *testing.T) {
	revoked, late, active := someConsumer("b", "Revoked one"), someConsumer("c", "Late one"), someConsumer("a", "Live one")
	revoked.RevokedAt, late.ExpiresAt = noon, noon
	p, screen, _, _ := newConsumersTestPage(t, startConsumers(revoked, late, active))
	page := render(t, p)
	ended := page.ID(t, "ended-consumers")
	assert.Equal(t, say("consumers.ended-count", 2), ended.Tags("summary")[0].Text())
	_, open := ended.Lookup("open")
	assert.False(t, open)
	assert.Len(t, ended.Tags("li"), 2)
	assert.False(t, ended.Has("consumer-name-a"))
	assert.True(t, page.Has("consumer-name-a") && page.Has("revoke-a"))
	assert.False(t, page.Has("revoke-c"), "it has ended, whatever it was when it was read")

	screen.items = []consumer.Consumer{revoked}
	page = render(t, p)
	_, open = page.ID(t, "ended-consumers").Lookup("open")
	assert.True(t, open, "they are all there is")
	assert.Contains(t, page.Text(), say("consumers.none-live"))

	screen.items = []consumer.Consumer{active}
	assert.False(t, render(t, p).Has("ended-consumers"))
}

func TestATokenThatExpiresSoonShowsTheTime(t *testing.T) {
	for name, one := range map[string]struct {
		in   time.Duration
		says string
	}{
		"tomorrow":  {21*time.Hour + 15*time.Minute, "Expires Mar 4, 2026, 9:15 AM UTC"},
		"two days":  {48 * time.Hour, "Expires Mar 5, 2026, 12:00 PM UTC"},
		"later":     {48*time.Hour + time.Minute, "Expires Mar 5, 2026"},
		"just now":  {-time.Hour, "Expired Mar 3, 2026, 11:00 AM UTC"},
		"long over": {-72 * time.Hour, "Expired Feb 28, 2026"},
	} {
		t.Run(name, func(t *testing.T) {
			c := someConsumer("a", "A")
			c.ExpiresAt = noon.Add(one.in)
			p, _, _, _ := newConsumersTestPage(t, startConsumers(c))
			var facts []string
			for _, fact := range render(t, p).All(func(n domtest.Tree) bool { return n.Attribute("class") == "fact" }) {
				facts = append(facts, fact.Text())
			}
			assert.Contains(t, facts, one.says)
		})
	}
}

func TestAnEmptyListSaysHowToStart(t *testing.T) {
	p, _, _, _ := newConsumersTestPage(t, startConsumers())
	assert.Contains(t, render(t, p).Text(), say("consumers.empty-help"))
}

func TestConsumersAreForAdministrators(t *testing.T) {
	start := startList()
	p, _, _ := newAnyTestPage(start)
	assert.Contains(t, render(t, p).Text(), say("consumers"))
	start.Caller.Rights = paycor.Rights{paycor.RightView, paycor.RightUse, paycor.RightEdit}
	p, _, _ = newAnyTestPage(start)
	assert.NotContains(t, render(t, p).Text(), say("consumers"))
}

func TestATokenIsShownOnce(t *testing.T) {
	const token = "pcc_INVENTED"
	p, screen, service, document := newConsumersTestPage(t, startConsumers())
	wiped := 0
	p.loop.Wipe = func() { wiped++ }
	service.token, service.programs = token, []consumer.Consumer{someConsumer("token_new", "Nightly import")}
	dialog := screen.tokens
	dialog.openNew()
	assert.True(t, document.Dialogs[tokenDialogID])
	assert.Equal(t, "token-name", document.HasFocus)
	document.Values["token-name"] = " Nightly  import "
	dialog.toggleRight(paycor.RightView)
	dialog.chooser.setNarrow(true)
	dialog.chooser.toggle("id1")
	dialog.chooser.toggle("id2")
	dialog.chooser.toggle("id1")
	service.during = dialog.submit // a second press
	dialog.submit()
	require.Len(t, service.hired, 1)
	assert.Equal(t, consumer.Draft{Name: "Nightly import", Rights: paycor.Rights{paycor.RightView, paycor.RightRead},
		Credentials: []string{"id2"}, ExpiresAt: noon.AddDate(0, 0, 90)}, service.hired[0])
	assert.Equal(t, token, document.Values[tokenValueID])
	page := render(t, p)
	assert.Contains(t, page.ID(t, "token-title").Text(), say("token-dialog.made", "Nightly import"))
	assert.Contains(t, page.Text(), "We show it only once")
	assert.NotContains(t, page.Text(), token, "only the field contains it")
	assert.Contains(t, page.Text(), "Nightly import", "and the list has it")

	dialog.RequestClose()
	assert.True(t, document.Dialogs[tokenDialogID], say("token-dialog.lost"))
	foot := render(t, p).ID(t, tokenDialogID).All(func(n domtest.Tree) bool { return n.Attribute("class") == "foot-status" })[0]
	assert.Contains(t, foot.Text(), say("token-dialog.lost"), "it does not drive the buttons apart")
	dialog.RequestClose() // Escape again goes back
	assert.NotContains(t, render(t, p).ID(t, tokenDialogID).Text(), say("token-dialog.lost"))
	dialog.copyToken()
	assert.Equal(t, token, document.Copied)
	dialog.RequestClose()
	assert.False(t, document.Dialogs[tokenDialogID])
	assert.Empty(t, document.Values[tokenValueID])
	assert.Equal(t, 1, wiped)
	assert.Equal(t, addConsumerID, document.HasFocus)
	assert.Contains(t, render(t, p).ID(t, "status").Text(), "“Nightly import” is created.")
}

func TestARenewedTokenHasTheSameRights(t *testing.T) {
	like := someConsumer("a", "Nightly")
	like.Rights = paycor.Rights{paycor.RightRead, paycor.RightEdit}
	like.Credentials = []string{"id2", "gone"}
	like.CreatedAt, like.ExpiresAt = noon.AddDate(-1, 0, 0), noon
	like.State = consumer.Expired
	p, screen, service, document := newConsumersTestPage(t, startConsumers(like))
	service.token, service.programs = "pcc_INVENTED", []consumer.Consumer{like}
	p.start.Caller.Rights = paycor.Rights{paycor.RightAdmin, paycor.RightUse, paycor.RightView}
	assert.True(t, render(t, p).Has("renew-a"), "also where it has ended")
	dialog := screen.tokens
	dialog.openLike(like, "renew-a")
	assert.Equal(t, "Nightly", document.Values["token-name"])
	assert.Equal(t, "365", document.Values["token-expires_at"])
	page := render(t, p)
	assert.Contains(t, page.ID(t, tokenDialogID).Text(), say("renew.title", "Nightly"))
	assert.Contains(t, page.ID(t, tokenDialogID).Text(), say("renew.intro"))
	dialog.submit()
	require.Len(t, service.hired, 1)
	assert.Equal(t, consumer.Draft{Name: "Nightly", Rights: paycor.Rights{paycor.RightRead}, Credentials: []string{"id2"},
		ExpiresAt: noon.AddDate(0, 0, 365)}, service.hired[0], "neither a right the caller lacks nor what is gone")
	dialog.copyToken()
	dialog.RequestClose()
	assert.Equal(t, addConsumerID, document.HasFocus, "the list is another one")
	assert.Contains(t, render(t, p).ID(t, "status").Text(), "Revoke the previous one")

	// An allow-list whose credentials were all deleted does not allow
	// everything.
	like.Credentials = []string{"gone"}
	dialog.openLike(like, "renew-a")
	dialog.submit()
	assert.Len(t, service.hired, 1)
	assert.Contains(t, render(t, p).ID(t, "token-summary").Text(), "Choose at least one credential")
	dialog.RequestClose()
	assert.Equal(t, "renew-a", document.HasFocus)

	// The form for the next new consumer is empty.
	dialog.openNew()
	assert.Empty(t, document.Values["token-name"])
	assert.Equal(t, "90", document.Values["token-expires_at"])
	assert.NotContains(t, render(t, p).ID(t, tokenDialogID).Text(), "Nightly")
}

func TestACredentialIsFoundAmongMany(t *testing.T) {
	p, screen, service, _ := newConsumersTestPage(t, startConsumers())
	page := func(total int, names ...string) paycor.CredentialPage {
		found := paycor.CredentialPage{Total: total}
		for _, name := range names {
			found.Credentials = append(found.Credentials, paycor.Credential{ID: "id-" + name, Name: name, Environment: "sandbox"})
		}
		return found
	}
	chooser := &screen.tokens.chooser
	screen.tokens.openNew()
	assert.Empty(t, service.searches, "nothing is read before it is needed")
	service.page = page(100_000, "Branch1", "Branch2")
	screen.tokens.chooser.setNarrow(true)
	text := func() string { return render(t, p).ID(t, tokenDialogID).Text() }
	assert.Contains(t, text(), say("list.shown", strconv.Itoa(maxOffered), "100,000"))
	chooser.toggle("id-Branch2")
	assert.Contains(t, text(), say("token-dialog.chosen", "1", "100,000"))

	service.page = page(1, "Branch299")
	chooser.searchFor("branch 299")
	assert.Equal(t, []paycor.Query{{Limit: maxOffered}, {Search: "branch 299", Limit: maxOffered}}, service.searches)
	document := render(t, p)
	assert.True(t, document.Has("token-credential-id-Branch299"))
	assert.True(t, document.Has("token-credential-id-Branch2"), "what is chosen stays in sight")
	assert.False(t, document.Has("token-credential-id-Branch1"))
	assert.Equal(t, []string{"id-Branch2"}, screen.tokens.draft().Credentials)
	assert.Contains(t, text(), say("token-dialog.chosen", "1", "100,000"), "of all, not of the hits")

	service.page = page(0)
	chooser.searchFor("nowhere")
	assert.Contains(t, text(), say("token-dialog.no-hit"))

	service.err = errors.New("down")
	chooser.searchFor("branch")
	assert.Contains(t, text(), say("list.failed"))
	service.err, service.page = nil, page(1, "Branch1")
	chooser.find()
	assert.NotContains(t, text(), say("list.failed"))
}

// The list is read page by page, with the names of the credentials on each page.
func TestConsumersArePaged(t *testing.T) {
	first, second := someConsumer("a", "Nightly"), someConsumer("b", "Weekly")
	second.Credentials = []string{"id9"}
	start := startConsumers(first)
	start.Consumers.Next, start.Consumers.Total = "cursor", 2
	p, screen, service, _ := newConsumersTestPage(t, start)
	assert.Contains(t, render(t, p).Text(), say("list.shown", "1", "2"))
	service.err = errors.New("down")
	screen.showMore()
	assert.Contains(t, render(t, p).Text(), say("list.more-failed", p.errorText(service.err)))
	service.err, service.programs = nil, []consumer.Consumer{second}
	service.page.Credentials = []paycor.Credential{sample("id9", "Bakery")}
	screen.showMore()
	text := render(t, p).Text()
	assert.Contains(t, text, "Nightly")
	assert.Contains(t, text, "Weekly")
	assert.Contains(t, text, "Bakery")
	assert.False(t, render(t, p).Has("more"))
	assert.Equal(t, consumer.Query{Cursor: "cursor"}, service.consumerQueries[1])
	assert.Equal(t, []string{"id9"}, service.searches[0].IDs, "only the names that are shown")
}

// Where there may be more tokens, the page does not say how many have ended or that none
// works.
func TestPartOfTheConsumersIsNotAll(t *testing.T) {
	revoked := someConsumer("a", "Old")
	revoked.State, revoked.RevokedAt = consumer.Revoked, noon
	start := startConsumers(revoked)
	p, screen, _, _ := newConsumersTestPage(t, start)
	assert.Contains(t, render(t, p).Text(), say("consumers.none-live"))
	assert.Contains(t, render(t, p).Text(), say("consumers.ended-count", 1))
	screen.next, screen.total = "cursor", 200
	assert.NotContains(t, render(t, p).Text(), say("consumers.none-live"))
	assert.NotContains(t, render(t, p).Text(), say("consumers.ended-count", 1))
}

func TestATokenThatExpiresSoonShowsAReminder(t *testing.T) {
	for name, test := range map[string]struct {
		left time.Duration
		want string
	}{
		"a month":   {30 * 24 * time.Hour, ""},
		"two weeks": {14 * 24 * time.Hour, say("renew.ends", "14 days")},
		"a day":     {30 * time.Hour, say("renew.ends", "30 hours")},
		"an hour":   {time.Hour, say("renew.ends", "1 hour")},
		"a minute":  {time.Minute, say("renew.soon")},
	} {
		t.Run(name, func(t *testing.T) {
			one := someConsumer("a", "Nightly")
			one.ExpiresAt = noon.Add(test.left)
			p, _, _, _ := newConsumersTestPage(t, startConsumers(one))
			text := render(t, p).Text()
			assert.Equal(t, test.want != "", strings.Contains(text, "Create a new token before then."))
			assert.Contains(t, text, test.want)
			one.RevokedAt = noon
			p, _, _, _ = newConsumersTestPage(t, startConsumers(one))
			assert.NotContains(t, render(t, p).Text(), "Create a new token before then.")
		})
	}
}

func TestClosingWithoutTheTokenWipesItToo(t *testing.T) {
	p, screen, service, document := newConsumersTestPage(t, startConsumers())
	wiped := 0
	p.loop.Wipe = func() { wiped++ }
	service.token = "pcc_INVENTED"
	for _, leave := range []func(){screen.tokens.Close, func() { screen.tokens.HandleClose(false) }} {
		screen.tokens.openNew()
		document.Values["token-name"] = "n"
		screen.tokens.submit()
		require.NotEmpty(t, document.Values[tokenValueID])
		leave()
		assert.Empty(t, document.Values[tokenValueID])
	}
	assert.Equal(t, 2, wiped)
}

func TestTokenCreationStopsAtProblems(t *testing.T) {
	p, screen, service, document := newConsumersTestPage(t, startConsumers())
	dialog := screen.tokens
	dialog.openNew()
	dialog.toggleRight(paycor.RightRead)
	dialog.chooser.setNarrow(true)
	dialog.submit()
	assert.Empty(t, service.hired)
	assert.Equal(t, "token-summary", document.HasFocus)
	page := render(t, p)
	for _, words := range []string{"Enter a name", "Choose at least one right", "Choose at least one credential"} {
		assert.Contains(t, page.ID(t, "token-summary").Text(), words)
	}
	for _, link := range page.ID(t, "token-summary").Tags("a") {
		assert.True(t, page.Has(strings.TrimPrefix(link.Attribute("href"), "#")), link.Attribute("href"))
	}
	assert.Equal(t, "true", page.ID(t, "token-name").Attribute("aria-invalid"))

	// Problems that the server finds appear where the page's own do, and
	// nothing typed is lost.
	document.Values["token-name"] = "n"
	dialog.toggleRight(paycor.RightUse)
	dialog.chooser.narrow = false
	service.err = &paycor.Error{Kind: paycor.KindInvalid, Message: message.Text("No."), Problems: []fields.Problem{{Field: fields.ConsumerExpires, Message: message.Text("Too long.")}}}
	dialog.submit()
	assert.Contains(t, render(t, p).ID(t, "token-expires_at-error").Text(), "Too long.")
	service.err = paycor.Errorf(paycor.KindUnauthorized, "Your session has ended.")
	dialog.submit()
	assert.Contains(t, render(t, p).ID(t, "token-summary").Text(), "Your session has ended.")
	assert.Equal(t, "n", document.Values["token-name"])
	assert.True(t, document.Dialogs[tokenDialogID])
}

func TestOnlyGrantableRightsAreOffered(t *testing.T) {
	start := startConsumers()
	start.Caller.Rights = paycor.Rights{paycor.RightAdmin, paycor.RightUse}
	p, screen, _, _ := newConsumersTestPage(t, start)
	screen.tokens.openNew()
	form := render(t, p).ID(t, tokenDialogID)
	text := form.Text()
	for _, words := range []string{say("right.read"), say("right.use"), say("right.admin")} {
		assert.Contains(t, text, words)
	}
	for _, words := range []string{say("right.view"), say("right.edit")} {
		assert.NotContains(t, text, words)
	}
}

func TestRevokingTakesTheName(t *testing.T) {
	p, screen, service, document := newConsumersTestPage(t, startConsumers(someConsumer("a", "Nightly")))
	screen.revoke.openFor(screen.items[0], "revoke-a")
	document.Values["revocation-name"] = "another"
	screen.revoke.Submit()
	assert.Empty(t, service.revoked)
	assert.Contains(t, render(t, p).ID(t, "revocation-name-error").Text(), "not the name")
	assert.Contains(t, render(t, p).ID(t, revocationID).Text(), say("ago.minutes.other", "5"))

	document.Values["revocation-name"] = "Nightly"
	service.err = paycor.Errorf(paycor.KindUnavailable, "No answer.")
	screen.revoke.Submit()
	assert.Contains(t, render(t, p).ID(t, "revocation-name-error").Text(), "No answer.")
	service.err, service.revoked = nil, nil
	service.programs = []consumer.Consumer{}
	service.during = screen.revoke.Submit // a second press
	screen.revoke.Submit()
	assert.Equal(t, []string{"a"}, service.revoked)
	assert.False(t, document.Dialogs[revocationID])
	assert.Equal(t, addConsumerID, document.HasFocus)
	assert.Contains(t, render(t, p).ID(t, "status").Text(), "“Nightly” is revoked")
	assert.False(t, render(t, p).Has("revoke-a"))

	screen.revoke.openFor(someConsumer("b", "B"), "revoke-b")
	screen.revoke.RequestClose()
	assert.Equal(t, "revoke-b", document.HasFocus)
}
