package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// A person tries a call. It counts as theirs, and what Paycor says stays text.
func TestTryACall(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	b := open(t, p).signIn()
	b.visit("/credentials/" + saved.ID)
	const choose = `(() => { const e = document.getElementById("test-choice"); e.value = "employees"; e.dispatchEvent(new Event("change", {bubbles: true})); return document.getElementById("test-path").value })()`
	assert.Equal(t, "/v1/legalentities/501123/employees", eval[string](b, choose))
	b.press("button", say("test-call.send"))
	b.seesText(beginning("test-call.done")+" 200", say("test-call.personal"))
	b.until("the result to have the focus", func() bool { return eval[string](b, `document.activeElement.id`) == "test-result" })
	assert.NotContains(t, b.textOf(), "additionalResultsUrl")
	b.press("button", say("test-call.show"))
	b.seesText("additionalResultsUrl")
	shown := eval[string](b, `document.querySelector(".test-content").textContent`)
	assert.Contains(t, shown, `"additionalResultsUrl": "`)
	assert.True(t, json.Valid([]byte(shown)), "it is complete and indented")
	b.press("button", say("test-call.hide"))
	b.until("the response to be hidden", func() bool { return !strings.Contains(b.textOf(), "additionalResultsUrl") })

	b.fill(say("test-call.path"), "/v1/legalentities/999999")
	b.until("the choice to follow", func() bool { return eval[string](b, `document.getElementById("test-choice").value`) == "other" })
	b.key("\r")
	b.seesText(beginning("test-call.done")+" 404", say("failure.404"))

	b.watch.expect("400")
	b.fill(say("test-call.path"), "/v1/legalentities/../../sts")
	b.key("\r")
	b.seesText(say("call.path-dots"))

	used := struct {
		Users []struct{ Kind, Name string }
	}{}
	b.until("the calls to be counted", func() bool {
		p.api("GET", "/credentials/"+saved.ID+"/usage", nil).into(t, &used)
		return len(used.Users) == 1
	})
	require.Len(t, used.Users, 1)
	assert.Equal(t, "person", used.Users[0].Kind)
}
