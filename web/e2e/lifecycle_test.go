package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// The life of a credential, as a person with a mouse sees it, with a second tab
// open.
func TestAPersonAddsACredentialAndSelectsIt(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p).signIn()
	b.get("heading", say("authenticate"))
	b.seesText(say("list.empty"), say("continue.none"))

	other := b.another()
	other.visit("/")
	other.seesText(say("list.empty"))

	bakery := sample(t, paycortest.SunriseBakery)
	b.press("button", say("add"))
	b.get("dialog", say("add.title"))
	b.focusOn("textbox", say("label.name"))
	b.complete(bakery)
	p.addFault(fault{Kind: paycortest.Slow, Place: paycortest.AtToken, DelayMS: 3000, Count: 1}) // so that the steps are visible, on a busy machine too
	b.press("button", say("save"))
	b.status(say("verify.running"))
	b.get("list", say("steps"))
	b.seesText("APIM Subscription Key", say("step.entities"))

	b.absent("dialog", say("add.title"))
	b.status(say("saved.verified", "Sunrise Bakery"))
	tile := b.get("radio", "~Sunrise Bakery")
	for _, part := range []string{say("state.verified"), bakery.Description, "Simulator", "501123", "Sunrise Bakery LLC", say("ago.now"), say("used.never")} {
		assert.Contains(t, tile.name, part, "what the tile says")
	}
	assert.Equal(t, "true", tile.property("checked"), "a credential that was just added is selected")
	b.focusOn("radio", "~Sunrise Bakery")
	b.seesText("Selected: Sunrise Bakery")

	theirs := other.get("radio", "~Sunrise Bakery")
	assert.Contains(t, theirs.name, say("state.verified"), "the second tab shows it without a reload")
	assert.Equal(t, "false", theirs.property("checked"), "a selection is each tab's own")
	other.press("radio", "~Sunrise Bakery")
	other.press("radio", say("purpose.destination"))
	other.press("button", say("continue"))
	other.until("the credential's own page", func() bool {
		at, _ := tryEval[string](other, `location.pathname + location.search`, 0)
		return strings.HasPrefix(at, "/credentials/") && strings.HasSuffix(at, "?purpose=destination")
	})
	other.mounted()
	other.get("heading", "Sunrise Bakery")
	other.seesText(say("verdict.verified"), "501123, Sunrise Bakery LLC", "Saved on", "added the credential", "curl", say("checked"))
	saved := p.named(bakery.Name)
	assert.False(t, saved.Verdict.CheckedAt.Before(saved.CreatedAt), "it was not checked before it existed")
	for _, name := range []string{say("verify.again"), say("edit"), say("duplicate"), say("delete")} {
		other.get("button", name)
	}
	other.follow("link", say("back"))
	assert.Equal(t, "true", other.get("radio", say("purpose.destination")).property("checked"), "the purpose comes back along")
}

// Continue without a selection says what is missing.
func TestContinueAsksForASelection(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	b := open(t, p).signIn()
	b.press("button", say("continue"))
	b.alert(say("continue.choose"))
	b.focusOn("radio", "~Sunrise Bakery")
}

// A double click or double key press saves once.
func TestADoublePressSavesOnce(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(*tab){
		"mouse":    func(b *tab) { b.pressRepeatedly(b.get("button", say("save")), 2) },
		"keyboard": func(b *tab) { b.press("textbox", say("label.legal_entity_id")); b.key(kb.Enter); b.key(kb.Enter) },
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t)
			b := open(t, p).signIn()
			b.press("button", say("add"))
			b.complete(sample(t, paycortest.SunriseBakery))
			p.addFault(fault{Kind: paycortest.Slow, Place: paycortest.AtToken, DelayMS: 300})
			act(b)
			b.absent("dialog", say("add.title"))
			b.get("radio", "~Sunrise Bakery")
			assert.Equal(t, []string{"Sunrise Bakery"}, p.names())
			// Log lines are written a moment after their responses.
			b.until("the save to be logged", func() bool {
				return strings.Contains(p.output.String(), `route="POST /api/v1/credentials"`)
			})
			assert.Equal(t, 1, strings.Count(p.output.String(), `route="POST /api/v1/verify"`), "Paycor is asked once")
			assert.Equal(t, 1, strings.Count(p.output.String(), `route="POST /api/v1/credentials"`), "and it is saved once")
		})
	}
}

// Many credentials load page by page, and the search covers all of them.
func TestManyCredentialsAndTheSearch(t *testing.T) {
	t.Parallel()
	p := start(t)
	bakery := sample(t, paycortest.SunriseBakery).body(t)
	for i := range 130 {
		p.save(bakery.with("name", "Branch "+number(i)).with("description", "Made for the list"), "?verify=false")
	}
	p.save(bakery.with("name", "Quarry").with("description", "stone and gravel"), "?verify=false")

	b := open(t, p).signIn()
	b.seesText(say("list.shown", "100", "131"))
	b.press("button", say("more"))
	b.until("all tiles", func() bool {
		return len(named(b.all("radio"), "~Made for the list"))+len(named(b.all("radio"), "~gravel")) == 131
	})
	b.absent("button", say("more"))
	b.focusOn("radio", "~Branch 100")

	b.press("searchbox", say("search"))
	b.key("gravel")
	b.seesText(say("list.some", "1", "131"))
	b.get("radio", "~Quarry")
	b.paste("no such thing")
	b.seesText(say("list.no-hit", "no such thing"))
	b.paste("")
	b.seesText(say("list.shown", "100", "131"))
}

// number returns three digits, so that names sort in order of creation.
func number(i int) string {
	return string([]byte{byte('0' + i/100), byte('0' + i/10%10), byte('0' + i%10)})
}

// Edit with a saved secret, Replace, Duplicate and Delete.
func TestACredentialIsChangedCopiedAndDeleted(t *testing.T) {
	t.Parallel()
	p := start(t)
	bakery := sample(t, paycortest.SunriseBakery)
	saved := p.save(bakery.body(t), "")
	require.Equal(t, "verified", string(saved.State))
	b := open(t, p).signIn()
	b.follow("link", "~Sunrise Bakery")

	b.press("button", say("edit"))
	b.get("dialog", say("edit.title"))
	b.focusOn("textbox", say("label.name"))
	assert.False(t, b.has("textbox", "Client Secret"), "a saved secret has no field until it is replaced")
	assert.Equal(t, bakery.ClientID, b.value("Client ID"))
	b.fill("~Credential Description", "Payroll, every hour")
	b.press("button", say("save"))
	b.absent("dialog", say("edit.title"))
	b.focusOn("button", say("edit"))
	b.seesText("Payroll, every hour", "changed Credential Description")
	b.press("button", say("undo"))
	b.status(say("undo.done"))
	b.seesText(bakery.Description)

	// Paycor rejects a wrong new secret, and the saved one stays.
	b.watch.expect("status of 422")
	b.press("button", say("edit"))
	b.pressNode(described(t, b, "button", say("replace"), "Client Secret"))
	b.focusOn("textbox", say("label.client_secret"))
	b.paste("wrong/secret+of/nobody/0000000000000000000")
	b.press("button", say("save"))
	b.alert(stillWorks)
	b.press("button", say("keep"))
	b.press("button", say("save"))
	b.absent("dialog", say("edit.title"))
	b.press("button", say("verify.again"))
	b.status(say("verified.verified", "Sunrise Bakery"))

	b.press("button", say("duplicate"))
	b.get("dialog", say("add.title"))
	b.seesText(say("duplicate.intro.saved", "Sunrise Bakery"))
	assert.Equal(t, "Sunrise Bakery (copy)", b.value("Credential Name"))
	assert.False(t, b.has("textbox", "Client Secret"))
	b.press("button", say("save"))
	b.alert(say("same.values", "Sunrise Bakery"))
	b.press("button", say("save.anyway"))
	b.until("the copy's own page", func() bool { return b.has("heading", "Sunrise Bakery (copy)") })
	b.mounted()
	b.status(beginning("copied.here"))

	b.press("button", say("delete"))
	b.get("dialog", say("delete.title", "Sunrise Bakery (copy)"))
	b.focusOn("textbox", say("delete.label", "Sunrise Bakery (copy)"))
	b.key("Sunrise")
	b.press("button", say("delete"))
	b.alert(beginning("delete.mismatch"))
	assert.Len(t, p.names(), 2)
	b.fill(say("delete.label", "Sunrise Bakery (copy)"), "Sunrise Bakery (copy)")
	b.press("button", say("delete"))
	b.get("heading", say("authenticate"))
	b.mounted()
	b.status(say("deleted", "Sunrise Bakery (copy)"))
	b.get("radio", "~Sunrise Bakery")
	assert.Equal(t, []string{"Sunrise Bakery"}, p.names())
}

// described returns the node with a description, among several with the same
// role and name.
func described(t testing.TB, b *tab, role, name, description string) node {
	t.Helper()
	var found []node
	b.until("a "+role+" "+name+" of "+description, func() bool {
		found = nil
		for _, th := range named(b.all(role), name) {
			if strings.Contains(th.description(), description) {
				found = append(found, th)
			}
		}
		return len(found) == 1
	})
	return found[0]
}

// Two tabs edit the same credential: the second save reports the first one and
// overwrites nothing without confirmation.
func TestAStaleEditIsTold(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	b := open(t, p).signIn()
	b.visit("/credentials/" + saved.ID)
	b.press("button", say("edit"))
	b.get("dialog", say("edit.title"))
	other := b.another()
	other.visit("/credentials/" + saved.ID)
	other.press("button", say("edit"))
	other.fill(say("label.name"), "Named by the other")
	other.fill(say("label.description"), "Described by the other")
	other.press("button", say("save"))
	other.absent("dialog", say("edit.title"))

	b.watch.expect("status of 412")
	b.fill(say("label.name"), "Named by me")
	b.press("button", say("save"))
	b.alert(say("fail.stale"))
	b.alert(say("stale.theirs", "Credential Name", "Named by the other"))
	assert.Equal(t, []string{"Named by the other"}, p.names(), "nothing is overwritten unasked")
	assert.Equal(t, "Named by me", b.value("Credential Name"), "what was typed stays")
	b.press("button", say("save"))
	b.absent("dialog", say("edit.title"))
	assert.Equal(t, []string{"Named by me"}, p.names())
	other.get("heading", "Named by me")
	other.seesText("Described by the other")
	b.seesText("Described by the other")
}

// An open page reads only the tiles that changed, and what it missed once it is back.
func TestAnOpenPageReadsOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	p := start(t)
	bakery := sample(t, paycortest.SunriseBakery)
	beta := p.save(bakery.body(t).with("name", "Beta"), "?verify=false")
	p.save(bakery.body(t).with("name", "Delta"), "?verify=false")
	b := open(t, p).signIn()
	b.mounted()
	lists := func() []string {
		return eval[[]string](b, `performance.getEntriesByType("resource").map(e => new URL(e.name)).filter(u => u.pathname === "/api/v1/credentials").map(u => u.search)`)
	}
	require.Empty(t, lists(), "the page came with its list")

	p.api("PATCH", "/credentials/"+beta.ID+"?verify=false", map[string]any{"name": "Epsilon"})
	b.until("the tile moves", func() bool { return slices.Equal(b.tileNames(), []string{"Delta", "Epsilon"}) })
	assert.Equal(t, []string{"?counts=true&ids=" + beta.ID + "&limit=1"}, lists())

	alpha := p.save(bakery.body(t).with("name", "Alpha"), "?verify=false")
	b.until("the new tile", func() bool { return slices.Equal(b.tileNames(), []string{"Alpha", "Delta", "Epsilon"}) })
	p.api("DELETE", "/credentials/"+alpha.ID, nil)
	b.until("the tile is gone", func() bool { return slices.Equal(b.tileNames(), []string{"Delta", "Epsilon"}) })
	for _, search := range lists() {
		assert.Contains(t, []string{"?counts=true&ids=" + beta.ID + "&limit=1", "?counts=true&ids=" + alpha.ID + "&limit=1", "?counts=true&limit=1"}, search)
	}
}

// tileNames returns the names on the tiles in their order.
func (b *tab) tileNames() []string {
	return eval[[]string](b, `[...document.querySelectorAll("#tiles .tile .tile-name")].map(e => e.textContent).filter(n => n !== document.querySelector("#add .tile-name")?.textContent)`)
}
