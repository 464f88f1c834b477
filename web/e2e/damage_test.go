package e2e_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/paycortest"
)

// A list shows what is left of a damaged database and says how much is missing, and
// doctor names it.
func TestDamagedDatabaseIsListed(t *testing.T) {
	t.Parallel()
	p := start(t)
	kept := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	lost := p.save(sample(t, paycortest.HarborLogistics).body(t), "?verify=false")
	p.execute(`PRAGMA foreign_keys = OFF; DELETE FROM credentials WHERE id = '` + lost.ID + `'`)
	b := open(t, p)
	playScenes(t, p, b.signIn(), []scene{{"a list of which a credential is lost", func(b *tab) {
		b.get("radio", "~"+kept.Name)
		b.seesText(say("list.unreadable.one"))
	}}})
	b.screenshot("damaged")
	b.size(320, 800)
	b.media(map[string]string{"prefers-color-scheme": "dark"})
	b.screenshot("damaged-narrow-dark")
	listed := p.api("GET", "/credentials", nil)
	assert.Equal(t, http.StatusOK, listed.Status)
	assert.Contains(t, string(listed.Body), `"unreadable":1`)
	found := command(t, nil, "doctor", "--data", p.data)
	assert.Equal(t, 1, found.code)
	assert.Contains(t, found.out, "The credential "+lost.ID)
}
