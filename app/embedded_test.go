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
	take func(message, id, view string)
}

func (f *fakeHostBridge) Send(message string, payload map[string]any) {
	text, _ := json.Marshal(payload)
	f.sent = append(f.sent, message+" "+string(text))
}

func (f *fakeHostBridge) Receive(take func(message, id, view string)) { f.take = take }

// newEmbeddedTestPage returns a page in an embedding site's frame.
func newEmbeddedTestPage(credentials ...paycor.Credential) (*Page, *fakeService, *domtest.Document, *fakeHostBridge) {
	start := startList(credentials...)
	start.Caller = paycor.Caller{Kind: paycor.CallerEmbedded, ID: "console/ann", Name: "ann (Console)", Rights: paycor.Rights{paycor.RightView, paycor.RightEdit}}
	start.Embed = &embed.Start{Host: "console", Name: "Console", Origins: []string{"https://console.example"}}
	service, document, parent := &fakeService{}, domtest.NewDocument(), &fakeHostBridge{}
	p := New(Config{Start: start, Service: service, Document: document, Host: parent})
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
	parent.take("select", "id1", "")
	assert.Equal(t, "id1", p.list.selected.ID)
	service.err = paycor.Errorf(paycor.KindNotFound, "It is gone.")
	parent.take("select", "nothing like it", "")
	assert.Equal(t, "id1", p.list.selected.ID)
	assert.Contains(t, parent.sent[len(parent.sent)-1], `"credential_unknown"`)
	service.err = paycor.Errorf(paycor.KindUnavailable, "Not now.")
	parent.take("select", "nothing like it", "")
	assertErrorAt(t, p, errorAtTop, "Not now.") // nothing reports that it is gone
	service.err, service.one = nil, sample("id2", "Two")
	parent.take("select", "id2", "")
	assert.Equal(t, "id2", p.list.selected.ID, "its tile was not read yet")
	service.one = one
	parent.take("select", "id1", "")
	parent.take("focus", "", "")
	assert.Equal(t, tileID("id1"), document.HasFocus)
	parent.take("open", "", "nowhere")
	assert.False(t, p.editor.IsOpen())
	parent.take("open", "id1", "credential")
	require.NotNil(t, p.detail)
	parent.take("open", "", "add")
	assert.True(t, p.editor.IsOpen())
	assert.Nil(t, p.detail)
	document.Values[inputID(fields.Name)] = "typed"
	p.editor.changed(inputID(fields.Name))
	parent.take("open", "id1", "credential")
	assert.Nil(t, p.detail, "what is typed is not taken away")
	parent.take("close", "", "")
	assert.False(t, p.editor.IsOpen())
	assert.Empty(t, document.Values[inputID(fields.Name)], "nothing typed is left")
	assert.Equal(t, []string{`dirty {"dirty":true}`, `dirty {"dirty":false}`}, parent.sent[2:])

	p.start.Caller.Rights = paycor.Rights{paycor.RightView}
	parent.take("open", "", "add")
	assert.False(t, p.editor.IsOpen(), "a host asks for no more than the person may")
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
func pageHTML(p *Page) string { return goapp.HTMLString(p) }
