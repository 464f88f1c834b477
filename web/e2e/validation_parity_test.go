package e2e_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
)

// spelled are different spellings of one field's value.
var spelled = map[fields.Field][]string{
	fields.Name:        {"", " ", "x", "Café ☕", "tab\there", "zero\u200bwidth", strings.Repeat("n", 100), strings.Repeat("n", 101), "👨‍👩‍👧", "\u202eback"},
	fields.Description: {"", "two\nlines", "bell\u0007", strings.Repeat("d", 1000), strings.Repeat("d", 1001), "<script>alert(1)</script>"},
	fields.ClientID: {"", " ", "501123", "00000000000000000A01", " 00000000000000000a01", "00000000000000000a01\u00a0", "Client ID: 00000000000000000a01",
		"\ufeff00000000000000000a01", "0000000000 0000000a01", "00000000000000000a01x", "“00000000000000000a01”", "ä", "000000000000000000000000000000b1", "client_id=00000000000000000a01"},
	fields.ClientSecret: {"", "short", " simulator/secret+of/Sunrise+Bakery/0000001", `"simulator/secret+of/Sunrise+Bakery/0000001"`, "Bearer simulator/secret+of/Sunrise+Bakery/0000001",
		"bearer", "000000000000000000000000000000b1", "00000000000000000a01", "501123", "simulator/secret of/Sunrise+Bakery/0000001", strings.Repeat("s", 4096), strings.Repeat("s", 4097), "\u2800", "pässword/with+more/than+ascii/letters/000"},
	fields.SubscriptionKey: {"", "000000000000000000000000000000B1", "Ocp-Apim-Subscription-Key: 000000000000000000000000000000b1", "subscription-key=000000000000000000000000000000b1",
		"000000000000000000000000000000b", "00000000000000000a01", "simulator/secret+of/Sunrise+Bakery/0000001", "\u200b", "'000000000000000000000000000000b1'", "Authorization: Bearer 000000000000000000000000000000b1",
		"0000 0000", "501123"},
	fields.LegalEntityID: {"", "0", "1", "-1", "2147483647", "2147483648", "99999999999999999999", "501123 ", "501123.0", "5e5", "12a", "501,123", "00501123", "٥٠١", "00000000000000000a01", "+5", "0x10"},
	fields.Scope:         {"", "000000000000000000000000000000d1", "two words", "short", `"000000000000000000000000000000d1"`, "00000000000000000a01", "Scope ID: 000000000000000000000000000000d1"},
}

// The page and the server find the same problems in the same values, in the
// same words: the server accepts what the page accepts, and the page reports
// what the server would reject.
func TestPageAndServerAgree(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p).signIn()
	b.press("button", say("add"))
	b.get("dialog", say("add.title"))
	eval[any](b, `document.querySelector("dialog[open] details#advanced").open = true, null`)
	b.watch.expect("Failed to load resource")
	b.hold("*/api/v1/verify")
	good := sample(t, paycortest.SunriseBakery)
	values := map[fields.Field]string{
		fields.Name: good.Name, fields.Description: "", fields.ClientID: good.ClientID, fields.ClientSecret: good.ClientSecret,
		fields.SubscriptionKey: good.Key, fields.LegalEntityID: good.LEI, fields.Scope: "",
	}
	names := []fields.Field{fields.Name, fields.Description, fields.ClientID, fields.ClientSecret,
		fields.SubscriptionKey, fields.LegalEntityID, fields.Scope}
	tried := 0
	for _, field := range names {
		for _, value := range spelled[field] {
			draft := map[fields.Field]string{}
			for f, v := range values {
				draft[f] = v
			}
			draft[field] = value
			b.agrees(p, names, draft)
			tried++
		}
	}
	for _, several := range []map[fields.Field]string{
		{}, {fields.Name: "n"}, {fields.ClientID: "same", fields.ClientSecret: "same"},
		{fields.ClientID: good.Key, fields.SubscriptionKey: good.ClientID, fields.Name: "n", fields.ClientSecret: good.ClientSecret, fields.LegalEntityID: "1"},
		{fields.Name: "n", fields.ClientID: good.ClientID, fields.ClientSecret: good.Key, fields.SubscriptionKey: good.ClientSecret, fields.LegalEntityID: good.LEI},
	} {
		b.agrees(p, names, several)
		tried++
	}
	t.Logf("%d drafts were judged by both", tried)
}

// agrees types one draft, presses Save, and compares with the server.
func (b *tab) agrees(p *program, names []fields.Field, draft map[fields.Field]string) {
	b.t.Helper()
	typed := map[string]string{}
	for _, field := range names {
		typed[string(field)] = draft[field]
	}
	encoded, err := json.Marshal(typed)
	require.NoError(b.t, err)
	// Single-line fields drop line breaks; the server gets what the field
	// contains.
	held := eval[map[string]string](b, `(values => { for (const [field, value] of Object.entries(values)) {
		const input = document.getElementById("field-" + field); input.value = value;
		input.dispatchEvent(new Event("input", {bubbles: true})); values[field] = input.value }
		return values })(`+string(encoded)+`)`)

	// The server's view.
	number := json.RawMessage("null")
	typedID := strings.TrimSpace(held["legal_entity_id"])
	isNumber := json.Valid([]byte(typedID)) && strings.Trim(typedID, "+-.eE0123456789") == "" && typedID != ""
	if _, err := paycor.TypedID(typedID).LegalEntityID(); err == nil && !isNumber {
		number, _ = paycor.TypedID(typedID).MarshalJSON() // "007" is not valid JSON; the number it means is
	} else if isNumber {
		number = json.RawMessage(typedID)
	}
	sent := body{"environment": "simulator", "legal_entity_id": number}
	for _, field := range names {
		if field != fields.LegalEntityID {
			sent[string(field)] = held[string(field)]
		}
	}
	got := p.api("POST", "/credentials?verify=false", sent)
	server := map[fields.Field]string{}
	swapped := false
	switch got.Status {
	case http.StatusCreated:
		var saved struct {
			ID       string
			Warnings []fields.Problem
		}
		got.into(b.t, &saved)
		swapped = slices.ContainsFunc(saved.Warnings, fields.Problem.Swap)
		p.api("DELETE", "/credentials/"+saved.ID, nil)
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		var refusal problem
		got.into(b.t, &refusal)
		for _, one := range refusal.Errors {
			server[one.Field] = one.Message.In(locale.English)
		}
		require.NotEmpty(b.t, server, "%s", got.Body)
	default:
		b.t.Fatalf("the server answered %d %s", got.Status, got.Body)
	}

	// The page's view.
	defer func() {
		if b.t.Failed() {
			b.t.Logf("the draft was %s", shorten(string(encoded)))
		}
	}()
	on[any](b, b.get("button", say("save")), `function() { this.click() }`)
	page := map[fields.Field]string{}
	if len(server) == 0 && !swapped {
		b.refuse(b.pausedRequest(), network.ErrorReasonConnectionRefused) // it was sent to Paycor, which is enough
		b.alert(say("fail.offline"))
	} else {
		title := problems(len(server))
		if len(server) == 0 {
			title = say("summary.swapped")
		}
		b.alert(title)
		for _, th := range b.all("textbox") {
			for _, field := range names {
				if strings.HasPrefix(th.name, say(field.Label().Key)) && th.property("invalid") == "true" {
					page[field] = th.description()
				}
			}
		}
	}
	for field, message := range server {
		if field == fields.LegalEntityID && !isNumber {
			assert.NotEmpty(b.t, page[field], "the page blames %s for %q as the server does", field, held[string(field)])
			continue // JSON has no such number, so each has its own words
		}
		assert.Contains(b.t, page[field], message, "%s as %q", field, shorten(held[string(field)]))
	}
	assert.Len(b.t, page, len(server), "the page blames %v, the server %v; %s", page, server, shorten(string(encoded)))
}

func shorten(text string) string {
	if len(text) > 200 {
		return text[:200] + "…"
	}
	return text
}
