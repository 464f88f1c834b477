package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// inactive is a credential that needs activation, with a Scope ID.
func inactive() paycor.Credential {
	c := sample("id1", "Harbor")
	c.Scope = "000000000000000000000000000000d2"
	verdict := verdicts.CodeGrantNotAllowed.Verdict()
	return c.WithVerdict(verdict)
}

// openActivation returns the dialog, opened for a method.
func openActivation(t *testing.T, credential paycor.Credential, w activationMethod) (*credentialsPage, *fakeService, *domtest.Document) {
	t.Helper()
	p, service, document := newTestPage(startOwn(credential))
	p.activation.openFor(p.detail.credential, activationButton)
	require.True(t, document.Dialogs[activationID])
	require.Equal(t, methodID(methodPaycor), document.HasFocus)
	p.activation.choose(w)
	return p, service, document
}

func paste(p *credentialsPage, document *domtest.Document, values map[fields.Field]string) {
	for field, value := range values {
		document.Values[p.activation.InputID(field)] = value
		p.activation.SetDirty()
	}
}

func TestActivationIsOfferedWhereItHelps(t *testing.T) {
	activated := inactive()
	activated.Grant, activated.ActivatedAt, activated.ActivatedBy = paycor.GrantAuthorizationCode, noon, "Ada"
	verified := activated.WithVerdict(verdicts.CodeVerified.Verdict())
	chosen := sample("id1", "Harbor")
	chosen.Grant = paycor.GrantAuthorizationCode
	for name, c := range map[string]struct {
		credential paycor.Credential
		words      string // of the button; empty if there is none
		primary    bool
		fact       string
	}{
		"needs it":                 {inactive(), say("activate"), true, say("fact.never-used")},
		"needs it again":           {activated, say("activate.again"), true, "Mar 3, 12:00 PM UTC (just now) by Ada"},
		"has it":                   {verified, say("activate.again"), false, "Mar 3, 12:00 PM UTC (just now) by Ada"},
		"works by it, never asked": {chosen, say("activate"), false, say("fact.never-used")},
		"does without":             {sample("id1", "Bakery"), "", false, say("fact.unneeded")},
	} {
		t.Run(name, func(t *testing.T) {
			p, _, _ := newTestPage(startOwn(c.credential))
			page := render(t, p)
			require.Equal(t, c.words != "", page.Has(activationButton))
			if c.words != "" {
				assert.Equal(t, c.words, page.ID(t, activationButton).Text())
				assert.Equal(t, c.primary, strings.Contains(page.ID(t, activationButton).Attribute("class"), "primary"))
				assert.Equal(t, !c.primary, strings.Contains(page.ID(t, "verify").Attribute("class"), "primary"), "one button leads")
			}
			assert.Contains(t, page.Text(), "Activated "+c.fact)

			start := startOwn(c.credential)
			start.Caller.Rights = nil
			p, _, _ = newTestPage(start)
			assert.False(t, render(t, p).Has(activationButton), "without the right to edit")
		})
	}
}

func TestATileThatNeedsActivationLinksToIt(t *testing.T) {
	start := startList(inactive(), sample("id2", "Bakery"))
	p, _, _ := newTestPage(start)
	words := map[string]string{}
	for _, link := range render(t, p).Tags("a") {
		words[link.Attribute("href")] = link.Text()
	}
	assert.Equal(t, "Activate Harbor", words["/credentials/id1?activate"])
	assert.Equal(t, "Details for Bakery", words["/credentials/id2"])
	start.Caller.Rights = paycor.Rights{paycor.RightView}
	p, _, _ = newTestPage(start)
	assert.NotContains(t, render(t, p).Text(), "Activate Harbor")
}

func TestTheAddressOpensTheActivationOnce(t *testing.T) {
	p, _, document := newTestPage(startOwn(inactive()))
	document.Query = map[string]bool{queryActivate: true, queryActivated: true}
	p.openRequestedDialog()
	assert.True(t, document.Dialogs[activationID])
	assert.Empty(t, document.Query, "nothing of it stays in the address")

	start := startOwn(inactive())
	start.Caller.Rights = paycor.Rights{paycor.RightView}
	p, _, document = newTestPage(start)
	document.Query = map[string]bool{queryActivate: true}
	p.openRequestedDialog()
	assert.False(t, document.Dialogs[activationID], "without the right to edit")
}

func TestTheResultOfAnActivationInPaycorIsShown(t *testing.T) {
	start := startOwn(inactive())
	start.Activation = &api.Notice{Done: true, Message: message.New("activation.done")}
	p, _, _ := newTestPage(start)
	page := render(t, p)
	assert.Equal(t, english.sentence(start.Activation.Message), page.ID(t, "status").Text())
	assert.False(t, page.Has("activation-notice"))

	start.Activation = &api.Notice{Code: verdicts.CodeActivationDenied, Message: message.Text("It was not allowed."), Remedy: message.Text("Start again.")}
	p, _, _ = newTestPage(start)
	notice := render(t, p).ID(t, "activation-notice")
	assert.Equal(t, "alert", notice.Attribute("role"))
	assert.Equal(t, "It was not allowed. Start again.", notice.Text())
	start.Activation = &api.Notice{Code: verdicts.CodeServerError, Message: message.Text("A fault."), Remedy: message.Text("Verify again.")}
	p, _, _ = newTestPage(start)
	assert.Equal(t, "A fault. "+say("activate.unfinished"), render(t, p).ID(t, "activation-notice").Text())
	p.activation.openFor(p.detail.credential, activationButton)
	assert.False(t, render(t, p).Has("activation-notice"), "a new start clears the notice")
}

func TestActivationContinuesInPaycor(t *testing.T) {
	p, service, document := openActivation(t, inactive(), methodPaycor)
	service.begun = paycor.Activation{StartURL: "https://credentials.example/activation/start/h"}
	page := render(t, p).ID(t, activationID)
	for _, words := range []string{"https://credentials.example/activation/callback", "Approved Return OAuth URL", "Company, HR or Payroll administrator", "type Standard", "address bar"} {
		assert.Contains(t, page.Text(), words)
	}
	p.copy("copy-redirect", p.activation.redirectURI())
	assert.Equal(t, "https://credentials.example/activation/callback", document.Copied)
	p.activation.submit()
	assert.Equal(t, "https://credentials.example/activation/start/h", document.Href)
	assert.Empty(t, service.patches, "the Scope ID is the saved one")
}

func TestTheScopeIDIsAskedForAndSaved(t *testing.T) {
	without := inactive()
	without.Scope = ""
	p, service, document := openActivation(t, without, methodPaycor)
	p.activation.submit()
	assert.Equal(t, p.activation.SummaryID, document.HasFocus)
	assert.Equal(t, "true", render(t, p).ID(t, p.activation.InputID(fields.Scope)).Attribute("aria-invalid"))

	paste(p, document, map[fields.Field]string{fields.Scope: `"000000000000000000000000000000d3"`})
	p.activation.submit()
	assert.Empty(t, service.patches)
	p.activation.Clean(fields.Scope)
	assert.Equal(t, "000000000000000000000000000000d3", document.Values[p.activation.InputID(fields.Scope)])

	after := inactive()
	after.Scope = "000000000000000000000000000000d3"
	service.saved, service.begun = paycor.Saved{Credential: after}, paycor.Activation{StartURL: "https://credentials.example/activation/start/h"}
	p.activation.submit()
	require.Len(t, service.patches, 1)
	assert.Equal(t, "000000000000000000000000000000d3", *service.patches[0].Scope)
	assert.Equal(t, without.ETag(), service.updates[0].IfMatch)
	assert.Equal(t, after.Scope, p.detail.credential.Scope)
	assert.Equal(t, "https://credentials.example/activation/start/h", document.Href)
}

func TestAScopeIDThatPaycorDoesNotKnowStops(t *testing.T) {
	p, service, document := openActivation(t, inactive(), methodPaycor)
	paste(p, document, map[fields.Field]string{fields.Scope: "000000000000000000000000000000ff"})
	service.saved = paycor.Saved{Credential: inactive().WithVerdict(verdicts.CodeScopeUnknown.Verdict())}
	p.activation.submit()
	assert.Empty(t, document.Href)
	assert.Contains(t, render(t, p).ID(t, p.activation.SummaryID).Text(), english.sentence(verdicts.CodeScopeUnknown.Verdict().Message))
}

func TestPastedValuesActivate(t *testing.T) {
	verified := inactive().WithVerdict(verdicts.CodeVerified.Verdict())
	verified.Grant, verified.ActivatedAt = paycor.GrantAuthorizationCode, noon
	secret := paycor.NewSecret
	redirect := "https://hcm-demo.paycor.com/appactivation/clientredirect"
	for name, c := range map[string]struct {
		way    activationMethod
		typed  map[fields.Field]string
		answer paycor.ActivationAnswer
	}{
		"a code": {methodCode, map[fields.Field]string{fields.Code: "code-1", fields.CodeVerifier: "verifier-1"},
			paycor.ActivationAnswer{Code: secret("code-1"), CodeVerifier: secret("verifier-1"), RedirectURI: redirect}},
		"a whole address": {methodCode, map[fields.Field]string{fields.Code: " https://elsewhere.example/end?code=code-2&state=s#x", fields.CodeVerifier: "verifier-2"},
			paycor.ActivationAnswer{Code: secret("code-2"), CodeVerifier: secret("verifier-2"), RedirectURI: "https://elsewhere.example/end"}},
		"a refresh token": {methodToken, map[fields.Field]string{fields.RefreshToken: "refresh-1"},
			paycor.ActivationAnswer{RefreshToken: secret("refresh-1")}},
	} {
		t.Run(name, func(t *testing.T) {
			p, service, document := openActivation(t, inactive(), c.way)
			service.one = verified
			paste(p, document, c.typed)
			service.during = func() { // pressed again, and Escape, while it works
				p.activation.submit()
				p.activation.RequestClose()
				assert.True(t, p.activation.IsOpen())
				assert.NotContains(t, render(t, p).ID(t, activationID).Text(), say("discard"))
			}
			p.activation.submit()
			require.Equal(t, []paycor.ActivationAnswer{c.answer}, service.answers)
			assert.False(t, document.Dialogs[activationID])
			assert.Equal(t, paycor.StateVerified, p.detail.credential.State)
			assert.Equal(t, activationButton, document.HasFocus)
			assert.Equal(t, say("activated.verified", "Harbor"), render(t, p).ID(t, "status").Text())
			kept := fmt.Sprintf("%#v", *p.activation)
			for field, value := range c.typed {
				assert.Empty(t, document.Values[p.activation.InputID(field)], "%s is wiped", field)
				assert.NotContains(t, kept, value)
			}
		})
	}
}

func TestActivationStopsAtProblems(t *testing.T) {
	for name, c := range map[string]struct {
		way   activationMethod
		typed map[fields.Field]string
		blame []fields.Field
	}{
		"nothing for a token":     {methodToken, nil, []fields.Field{fields.RefreshToken}},
		"nothing for a code":      {methodCode, nil, []fields.Field{fields.Code, fields.CodeVerifier}},
		"nothing at all":          {methodCode, map[fields.Field]string{fields.RedirectURI: ""}, []fields.Field{fields.Code, fields.CodeVerifier, fields.RedirectURI}},
		"quotes around the token": {methodToken, map[fields.Field]string{fields.RefreshToken: `"refresh-1"`}, []fields.Field{fields.RefreshToken}},
	} {
		t.Run(name, func(t *testing.T) {
			p, service, document := openActivation(t, inactive(), c.way)
			paste(p, document, c.typed)
			p.activation.submit()
			assert.Empty(t, service.answers)
			assert.Equal(t, p.activation.SummaryID, document.HasFocus)
			page := render(t, p)
			links := page.ID(t, p.activation.SummaryID).Tags("a")
			require.Len(t, links, len(c.blame))
			for _, field := range c.blame {
				assert.Equal(t, "true", page.ID(t, p.activation.InputID(field)).Attribute("aria-invalid"), field)
				assert.Contains(t, page.ID(t, p.activation.InputID(field)+"-error").Text(), field.Label().In(locale.English))
			}
		})
	}
	p, service, document := openActivation(t, inactive(), methodToken)
	paste(p, document, map[fields.Field]string{fields.RefreshToken: `"refresh-1"`})
	p.activation.submit()
	assert.True(t, render(t, p).Has(p.activation.InputID(fields.RefreshToken)+"-clean"))
	p.activation.Clean(fields.RefreshToken)
	assert.Contains(t, render(t, p).Text(), say("fix.done", "the quotes"))
	p.activation.submit()
	require.Len(t, service.answers, 1)
	assert.Equal(t, "refresh-1", service.answers[0].RefreshToken.Reveal())
}

func TestRejectedValuesStayUnlessTheyWorkOnce(t *testing.T) {
	for code, spent := range map[verdicts.Code]bool{
		verdicts.CodeCodeRefused: true, verdicts.CodeCodeExpired: true, verdicts.CodeVerifierMismatch: true, verdicts.CodeRedirectMismatch: true, verdicts.CodeNoRefreshToken: true,
		verdicts.CodeClientRejected: false, verdicts.CodeServerError: false, verdicts.CodeKeyRejected: false,
	} {
		t.Run(string(code), func(t *testing.T) {
			p, service, document := openActivation(t, inactive(), methodCode)
			verdict := code.Verdict()
			service.err = &paycor.Error{Kind: paycor.KindActivation, Message: verdict.Message, Verdict: &verdict}
			paste(p, document, map[fields.Field]string{fields.Code: "code-1", fields.CodeVerifier: "verifier-1", fields.RedirectURI: "https://paycor.example/end"})
			p.activation.submit()
			assert.True(t, document.Dialogs[activationID])
			summary := render(t, p).ID(t, p.activation.SummaryID).Text()
			assert.Contains(t, summary, verdict.Message.In(locale.English))
			if code == verdicts.CodeServerError {
				assert.Contains(t, summary, say("activate.later.token"))
				assert.NotContains(t, summary, say("verify.again"))
			} else {
				assert.Contains(t, summary, verdict.Remedy.In(locale.English))
			}
			assert.Equal(t, spent, document.Values[p.activation.InputID(fields.Code)] == "")
			assert.Equal(t, spent, strings.Contains(summary, "work only once"))
			assert.Equal(t, "https://paycor.example/end", document.Values[p.activation.InputID(fields.RedirectURI)])
		})
	}
	p, service, document := openActivation(t, inactive(), methodToken)
	paste(p, document, map[fields.Field]string{fields.RefreshToken: "refresh-1"})
	service.err = paycor.Errorf(paycor.KindUnauthorized, "You’re signed out.")
	p.activation.submit()
	assert.Equal(t, "refresh-1", document.Values[p.activation.InputID(fields.RefreshToken)])
	assert.Contains(t, render(t, p).ID(t, p.activation.SummaryID).Text(), say("session.link"))
	verdict := verdicts.CodeRefreshUsed.Verdict()
	service.err = &paycor.Error{Kind: paycor.KindActivation, Verdict: &verdict}
	p.activation.submit()
	assert.Empty(t, document.Values[p.activation.InputID(fields.RefreshToken)])
	assert.Contains(t, render(t, p).ID(t, p.activation.SummaryID).Text(), say("activate.spent.refresh_token"))
}

func TestClosingTheActivationAsksAfterTyping(t *testing.T) {
	p, _, document := openActivation(t, inactive(), methodToken)
	p.activation.RequestClose()
	assert.False(t, document.Dialogs[activationID])
	assert.Equal(t, activationButton, document.HasFocus)

	p, _, document = openActivation(t, inactive(), methodToken)
	paste(p, document, map[fields.Field]string{fields.RefreshToken: "refresh-1"})
	p.activation.RequestClose()
	assert.True(t, document.Dialogs[activationID])
	assert.Contains(t, render(t, p).ID(t, activationID).Text(), say("discard"))
	p.activation.RequestClose()
	assert.NotContains(t, render(t, p).ID(t, activationID).Text(), say("discard"), "Escape answers the question with no")
	p.activation.RequestClose()
	p.activation.Close()
	assert.Empty(t, document.Values[p.activation.InputID(fields.RefreshToken)])
}

func TestHistorySaysWhatFailed(t *testing.T) {
	for words, entry := range map[string]audit.Entry{
		say("history.credential.activate", "Ada"):                                              {CallerName: "Ada", Action: audit.ActionActivate, Outcome: "done"},
		say("history.tried.credential.activate", "Ada") + ": " + say("state.needs_activation"): {CallerName: "Ada", Action: audit.ActionActivate, Outcome: string(verdicts.OutcomeNeedsActivation)},
		say("history.tried.credential.token", "Ada") + ": " + say("state.needs_activation"):    {CallerName: "Ada", Action: audit.ActionExchange, Outcome: string(verdicts.OutcomeNeedsActivation)},
		say("history.credential.verify", "Ada") + ": " + say("outcome.unreachable"):            {CallerName: "Ada", Action: audit.ActionVerify, Outcome: string(verdicts.OutcomeUnreachable)},
	} {
		assert.Equal(t, words, activityText(english, entry))
	}
}

func TestSaveAndActivate(t *testing.T) {
	needed := verdicts.CodeGrantNotAllowed.Verdict()
	p, service, document := openEditor(t, good())
	service.verdict, service.saved = needed, paycor.Saved{Credential: inactive()}
	p.editor.save()
	require.True(t, render(t, p).Has("save-activate"))
	p.editor.saveAndActivate()
	require.Len(t, service.created, 1)
	assert.Equal(t, "/credentials/id1?activate", document.Href)

	p, service, document = openEditor(t, good())
	service.verdict, service.saved = needed, paycor.Saved{Credential: inactive()}
	p.editor.save()
	p.editor.saveAnyway()
	assert.Empty(t, document.Href, "Save anyway only saves")

	p, service, document = openEditorOf(t)
	service.verdict, service.saved = needed, paycor.Saved{Credential: inactive()}
	document.Values[inputID(fields.ClientID)] = "0123456789abcdef0124"
	p.editor.save()
	p.editor.saveAndActivate()
	assert.Empty(t, document.Href)
	assert.True(t, document.Dialogs[activationID], "in place, on the same credential")
	assert.Equal(t, "id1", p.activation.credential.ID)

	p, service, _ = openEditor(t, good())
	service.verdict = verdicts.CodeClientRejected.Verdict()
	p.editor.save()
	assert.False(t, render(t, p).Has("save-activate"), "a rejected credential must be fixed first")
}

// newLink is a link that the fake creates.
func newLink(id string) activation.NewLink {
	link := activation.Link{ID: id, State: activation.LinkOpen, CreatedAt: noon, CreatedBy: "Ada", ExpiresAt: noon.Add(activation.LinkLifetime)}
	return activation.NewLink{Link: link, URL: "https://credentials.example/activation/links/" + id}
}

func TestALinkForAnAdministratorIsCreatedAndCopied(t *testing.T) {
	p, service, document := openActivation(t, inactive(), methodPaycor)
	service.link = newLink("l1")
	assert.Contains(t, render(t, p).ID(t, activationID).Text(), say("activate.link.words"))
	p.activation.links.create("")
	assert.Equal(t, service.link.URL, document.Copied)
	assert.Equal(t, linkCopy, document.HasFocus, "where the link is")
	dialog := render(t, p).ID(t, activationID)
	assert.Equal(t, service.link.URL, dialog.ID(t, "activation-link-address").Text())
	assert.Contains(t, dialog.Text(), say("activate.link.once", "Mar 10, 2026, 12:00 PM UTC"))
	assert.Contains(t, dialog.Text(), say("activate.link.made", "Ada", "Mar 3, 12:00 PM UTC (just now)", "Mar 10, 2026"))
	assert.Empty(t, service.patches, "the Scope ID is the saved one")

	p.activation.links.revoke("l1")
	dialog = render(t, p).ID(t, activationID)
	assert.False(t, dialog.Has("activation-link-address"))
	assert.Contains(t, dialog.Text(), say("activate.link.revoked"))
	assert.Equal(t, linkButton, document.HasFocus)
	assert.Empty(t, service.links)

	service.err = paycor.Errorf(paycor.KindConflict, "error.activation-links-open", 10)
	p.activation.links.create("")
	assert.Contains(t, render(t, p).ID(t, p.activation.SummaryID).Text(), "10 open activation links")
	p.activation.RequestClose()
	assert.NotContains(t, fmt.Sprintf("%#v", p.activation.links), "credentials.example", "the address does not outlive the dialog")
}

func TestOpenLinksAreListed(t *testing.T) {
	p, service, _ := newTestPage(startOwn(inactive()))
	revoked := newLink("l2").Link
	revoked.State = activation.LinkRevoked
	service.links, service.lost = []activation.Link{newLink("l1").Link, revoked}, 2
	p.activation.openFor(p.detail.credential, activationButton)
	page := render(t, p)
	assert.True(t, page.Has("revoke-l1"))
	assert.False(t, page.Has("revoke-l2"), "it has ended")
	assert.Contains(t, page.ID(t, activationID).Text(), say("activate.link.unreadable.other", "2"))
}

// Every way to activate asks for the Scope ID before it creates a link, also in a frame,
// which does not lead to Paycor's page itself.
func TestALinkNeedsTheScopeID(t *testing.T) {
	for _, method := range []activationMethod{methodPaycor, methodCode, methodToken} {
		without := inactive()
		without.Scope = ""
		p, service, document := openActivation(t, without, method)
		service.link = newLink("l1")
		asked := func() bool { return render(t, p).Shows(t, p.activation.InputID(fields.Scope)) }
		assert.Equal(t, method == methodPaycor, asked(), method)
		p.activation.links.create("")
		assert.Empty(t, document.Copied)
		assert.Equal(t, p.activation.SummaryID, document.HasFocus)
		assert.Contains(t, render(t, p).ID(t, p.activation.SummaryID).Text(), say("activate.scope"), method)
		assert.True(t, asked(), method)

		paste(p, document, map[fields.Field]string{fields.Scope: "000000000000000000000000000000d3"})
		after := inactive()
		after.Scope = "000000000000000000000000000000d3"
		service.saved = paycor.Saved{Credential: after}
		p.activation.links.create("")
		require.Len(t, service.patches, 1)
		assert.Equal(t, service.link.URL, document.Copied)
	}
}

// openInFrame returns the activation dialog in a frame that may open windows.
func openInFrame(t *testing.T) (*credentialsPage, *fakeService, *domtest.Document) {
	t.Helper()
	p, service, document, _ := newEmbeddedTestPage(inactive())
	p.start.Embed.Popups = true
	service.one, service.link = inactive(), newLink("l1")
	p.document.Open(pathOf(inactive().ID))
	p.activation.openFor(inactive(), activationButton)
	require.Equal(t, methodPaycor, p.activation.method)
	return p, service, document
}

// A frame opens Paycor's page in a window of its own, by a link that works once, and goes on
// once the application is activated there.
func TestAFrameActivatesInAWindow(t *testing.T) {
	p, service, document := openInFrame(t)
	assert.Contains(t, pageHTML(p), say("activate.method.words.window"))
	p.activation.submit()
	require.Len(t, document.Windows, 1)
	assert.Equal(t, service.link.URL, document.Windows[0].Href)
	assert.Contains(t, pageHTML(p), say("activate.window"))
	p.detail.show(inactive())
	assert.True(t, p.activation.IsOpen(), "something else changed")

	activated := inactive().WithoutVerdict()
	activated.HasRefreshToken, activated.ActivatedAt = true, noon
	p.detail.show(activated)
	assert.True(t, p.activation.IsOpen(), "the server is still verifying it")

	activated = activated.WithVerdict(verdicts.CodeVerified.Verdict())
	p.detail.show(activated)
	assert.False(t, p.activation.IsOpen())
	assert.Contains(t, p.status.text, say("activated.verified", activated.Name))
}

func TestAWindowThatDoesNotOpen(t *testing.T) {
	p, service, document := openInFrame(t)
	document.Blocks = true
	p.activation.submit()
	assert.Equal(t, service.link.URL, document.Copied)
	assert.Contains(t, pageHTML(p), say("activate.window.blocked"))

	p, service, document = openInFrame(t)
	service.err = paycor.Errorf(paycor.KindConflict, "error.activation-links-open", 10)
	p.activation.submit()
	require.Len(t, document.Windows, 1)
	assert.True(t, document.Windows[0].Closed, "no empty window stays")
	assert.Contains(t, pageHTML(p), "10 open activation links")
}
