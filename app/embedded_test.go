package app

import (
	"encoding/json"
	"strings"
	"testing"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// fakeHostBridge is an embedding site that records its notifications.
type fakeHostBridge struct {
	sent []string
	take func(HostMessage)
}

func (f *fakeHostBridge) Send(message string, payload map[string]any) {
	text, _ := json.Marshal(payload)
	f.sent = append(f.sent, message+" "+string(text))
}

// last returns the latest notification.
func (f *fakeHostBridge) last() string { return f.sent[len(f.sent)-1] }

func (f *fakeHostBridge) Receive(take func(HostMessage)) { f.take = take }

// newEmbeddedTestPage returns a page in an embedding site's frame.
func newEmbeddedTestPage(credentials ...paycor.Credential) (*credentialsPage, *fakeService, *domtest.Document, *fakeHostBridge) {
	start := startList(credentials...)
	start.Caller = paycor.Caller{Kind: paycor.CallerEmbedded, ID: "console/ann", Name: "ann (Console)", Rights: paycor.Rights{paycor.RightView, paycor.RightEdit}}
	start.Embed = &embed.Start{Host: "console", Name: "Console", Origins: []string{"https://console.example"}}
	service, document, parent := &fakeService{}, domtest.NewDocument(), &fakeHostBridge{}
	p := newCredentialsPage(Config{Start: start, Service: service, Document: document, Host: parent})
	p.loop.Async = func(do func()) { do() }
	p.host.connect()
	return p, service, document, parent
}

func TestAFrameReportsTheSelection(t *testing.T) {
	p, _, document, parent := newEmbeddedTestPage(sample("id1", "One"))
	p.list.purpose = paycor.PurposeDestination
	p.list.submit()
	assert.True(t, p.list.selectionMissing)
	p.list.selectCredential("id1")
	p.list.submit()
	assert.Equal(t, []string{`initialized {"locale":"en","version":1}`, `credential.selected {"id":"id1","name":"One","purpose":"destination","state":"not_verified"}`}, parent.sent)
	assert.Empty(t, document.Href, "no other page is opened")
}

func TestDetailsOpenInTheSameDocument(t *testing.T) {
	one := sample("id1", "One")
	p, service, document, _ := newEmbeddedTestPage(one)
	service.one = one
	p.document.Open(pathOf("id1"))
	require.NotNil(t, p.detail)
	assert.Equal(t, "One", p.detail.credential.Name)
	assert.Empty(t, document.Href)
	page := pageHTML(p)
	assert.NotContains(t, page, `href="/`, "no way leads out of the frame")
	p.document.Open("/")
	assert.Nil(t, p.detail)
	assert.NotContains(t, pageHTML(p), `href="/`)

	service.err = paycor.Errorf(paycor.KindNotFound, "It is gone.")
	p.document.Open(pathOf("id2"))
	assert.Nil(t, p.detail)
	assertErrorAt(t, p, errorAtTop, "It is gone.")
}

func TestMessagesOfTheHost(t *testing.T) {
	one := sample("id1", "One")
	p, service, document, parent := newEmbeddedTestPage(one)
	service.one = one
	parent.take(HostMessage{Type: "select", ID: "id1"})
	assert.Equal(t, "id1", p.list.selected.ID)
	service.err = paycor.Errorf(paycor.KindNotFound, "It is gone.")
	parent.take(HostMessage{Type: "select", ID: "nothing like it"})
	assert.Equal(t, "id1", p.list.selected.ID)
	assert.Contains(t, parent.last(), `"credential_unknown"`)
	service.err = paycor.Errorf(paycor.KindUnavailable, "Not now.")
	parent.take(HostMessage{Type: "select", ID: "nothing like it"})
	assertErrorAt(t, p, errorAtTop, "Not now.") // nothing reports that it is gone
	service.err, service.one = nil, sample("id2", "Two")
	parent.take(HostMessage{Type: "select", ID: "id2"})
	assert.Equal(t, "id2", p.list.selected.ID, "its tile was not read yet")
	service.one = one
	parent.take(HostMessage{Type: "select", ID: "id1"})
	parent.take(HostMessage{Type: "focus"})
	assert.Equal(t, tileID("id1"), document.HasFocus)
	parent.take(HostMessage{Type: "open", View: "nowhere"})
	assert.False(t, p.editor.IsOpen())
	assert.Contains(t, parent.last(), `"view_unknown"`)
	parent.take(HostMessage{Type: "open", ID: "id1", View: "credential"})
	require.NotNil(t, p.detail)
	parent.take(HostMessage{Type: "open", View: "add"})
	assert.True(t, p.editor.IsOpen())
	assert.Nil(t, p.detail)
	document.Values[inputID(fields.Name)] = "typed"
	p.editor.changed(inputID(fields.Name))
	parent.take(HostMessage{Type: "open", ID: "id1", View: "credential"})
	assert.Nil(t, p.detail, "what is typed is not taken away")
	assert.Contains(t, parent.last(), `"busy"`)
	sent := len(parent.sent)
	parent.take(HostMessage{Type: "close"})
	assert.False(t, p.editor.IsOpen())
	assert.Empty(t, document.Values[inputID(fields.Name)], "nothing typed is left")
	assert.Equal(t, []string{`dirty {"dirty":true}`, `dirty {"dirty":false}`}, []string{parent.sent[sent-2], parent.sent[sent]})

	p.start.Caller.Rights = paycor.Rights{paycor.RightView}
	parent.take(HostMessage{Type: "open", View: "add"})
	assert.False(t, p.editor.IsOpen(), "a host asks for no more than the person may")
	assert.Contains(t, parent.last(), `"not_allowed"`)
	for _, view := range []string{"edit", "rotate", "activate"} {
		parent.take(HostMessage{Type: "open", ID: "id1", View: view})
		assert.False(t, p.hasOpenDialog(), view)
	}
}

// Each view is opened with what the person sees after the same steps by hand.
func TestViewsTheHostOpens(t *testing.T) {
	one := sample("id1", "One")
	for view, isOpen := range map[string]func(*credentialsPage) bool{
		"credential": func(p *credentialsPage) bool { return !p.hasOpenDialog() },
		"edit":       func(p *credentialsPage) bool { return p.editor.IsOpen() && p.editor.operation == opUpdate },
		"rotate":     func(p *credentialsPage) bool { return p.rotation.IsOpen() },
		"activate":   func(p *credentialsPage) bool { return p.activation.IsOpen() },
	} {
		p, service, _, parent := newEmbeddedTestPage(one)
		service.one = one
		parent.take(HostMessage{Type: "open", ID: "id1", View: view})
		require.NotNil(t, p.detail, view)
		assert.True(t, isOpen(p), view)
	}
	p, service, _, parent := newEmbeddedTestPage(one)
	service.one = one
	parent.take(HostMessage{Type: "open", ID: "id1", View: "credential"})
	parent.take(HostMessage{Type: "open", View: "list"})
	assert.Nil(t, p.detail)
	service.err = paycor.Errorf(paycor.KindNotFound, "It is gone.")
	parent.take(HostMessage{Type: "open", ID: "id2", View: "rotate"})
	assert.False(t, p.hasOpenDialog())
	assert.Contains(t, parent.last(), `"credential_unknown"`)
}

// A site suggests what it knows about a new credential, and nothing that Paycor knows the
// application by.
func TestSuggestionsOfTheHost(t *testing.T) {
	p, _, document, parent := newEmbeddedTestPage()
	parent.take(HostMessage{Type: "open", View: "add", Prefill: `{"name":"Sunrise","description":"For reports","legal_entity_id":501123,"tags":["east","pilot"],
		"client_id":"00000000000000000a01","client_secret":"canary","subscription_key":"canary","environment":"elsewhere"}`})
	require.True(t, p.editor.IsOpen())
	draft := p.editor.draft()
	assert.Equal(t, []any{"Sunrise", "For reports", paycor.TypedID("501123"), p.start.Preferred}, []any{draft.Name, draft.Description, draft.LegalEntityID, draft.Environment})
	assert.Equal(t, []string{"east", "pilot"}, draft.Tags.List())
	assert.Empty(t, draft.ClientID)
	for _, value := range document.Values {
		assert.NotContains(t, value, "canary")
	}
	p.editor.Close()
	assert.False(t, p.editor.IsOpen(), "what was not typed needs no question")

	for prefill, name := range map[string]string{"": "", "[]": "", `{"name":"One"}`: "One", `{"name":"One","legal_entity_id":"twelve"}`: ""} {
		parent.take(HostMessage{Type: "open", View: "add", Prefill: prefill})
		require.True(t, p.editor.IsOpen(), prefill)
		assert.Equal(t, name, p.editor.draft().Name, prefill)
		p.editor.Close()
	}
}

func TestMessagesToTheHostHoldNoValues(t *testing.T) {
	p, service, document, parent := newEmbeddedTestPage()
	p.editor.openFor(opCreate, paycor.Credential{}, addID)
	fill(document, good())
	p.editor.changed(inputID(fields.ClientSecret))
	saved := sample("id1", "Nightly export").WithVerdict(verdicts.CodeVerified.Verdict())
	service.verdict, service.saved = verdicts.CodeVerified.Verdict(), paycor.Saved{Credential: saved}
	p.editor.save()
	messages := strings.Join(parent.sent, "\n")
	assert.Contains(t, messages, `credential.created {"id":"id1","state":"verified"}`)
	assert.Contains(t, messages, `verification.finished {"id":"id1","state":"verified"}`)
	for _, field := range []fields.Field{fields.ClientSecret, fields.SubscriptionKey, fields.ClientID} {
		assert.NotContains(t, messages, good()[field])
	}
}

func TestAFrameWithoutItsHost(t *testing.T) {
	p, _, _, _ := newEmbeddedTestPage()
	p.start.Caller = paycor.Caller{}
	page := pageHTML(p)
	assert.Contains(t, page, say("embed.waiting", "Console"))
	assert.NotContains(t, page, "<dialog")
}

// Paycor's own page cannot be shown in a frame. If no other tab can be opened,
// links show their address.
func TestLimitsOfAFrame(t *testing.T) {
	one := sample("id1", "One")
	p, service, _, _ := newEmbeddedTestPage(one)
	service.one = one
	p.document.Open(pathOf("id1"))
	p.activation.openFor(one, activationButton)
	assert.Equal(t, methodCode, p.activation.method)
	page := pageHTML(p)
	assert.NotContains(t, page, methodID(methodPaycor))
	assert.NotContains(t, page, `target="_blank"`)
	assert.Contains(t, page, "https://developers-sandbox.paycor.com")
	p.start.Embed.Popups = true
	assert.Contains(t, pageHTML(p), `target="_blank"`)
}

// pageHTML returns a page's HTML.
func pageHTML(p goapp.Composer) string { return goapp.HTMLString(p) }
