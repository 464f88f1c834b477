package embed_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
)

func TestOrigins(t *testing.T) {
	for _, good := range []string{
		"https://console.example", "https://a.b-c.example:8443", "http://localhost", "http://localhost:3000", "http://127.0.0.1:8090",
		"http://[::1]:3000", "https://10.1.2.3", "https://xn--bcher-kva.example", "https://intranet",
		"http://console.localhost:3000", "http://a.b.localhost",
	} {
		origin, err := embed.ParseOrigin(good)
		require.NoError(t, err, good)
		assert.Equal(t, good, origin)
	}
	for _, bad := range []string{
		"", "null", "*", "https://*", "https://*.example", "*.example", "console.example", "//console.example", "https://", "https:///",
		"http://console.example", "http://localhost.example", "http://evillocalhost", "ftp://localhost", "https://console.example/", "https://console.example/page", "https://console.example?x",
		"https://console.example#x", "https://ann@console.example", "https://ann:pw@console.example", "https://Console.example", "HTTPS://console.example",
		"https://console.example:443", "http://localhost:80", "https://console.example:0", "https://console.example:99999", "https://console.example:",
		"https://console.example:080", "https://bücher.example", "https://console.example https://evil.example", "https://console.example;script-src *",
		"https://console.example,https://evil.example", "https://a..example", "https://-a.example", "https://a-.example", "https://console.example.",
		"https://127.1", "https://0x7f.1", "https://1.2.3.256", "https://[::1", "https://[fe80::1%25eth0]", "https://[0:0::1]", "https://'self'", " https://console.example",
		"https://console.example\n", "javascript:alert(1)", "data:text/html,x", "https://" + strings.Repeat("a", 64) + ".example", "https://under_score.example",
	} {
		_, err := embed.ParseOrigin(bad)
		assert.Error(t, err, bad)
	}
}

// An accepted origin is copied into a policy unchanged.
func FuzzParseOrigin(f *testing.F) {
	f.Add("https://console.example")
	f.Add("http://[::1]:3000")
	f.Fuzz(func(t *testing.T, text string) {
		origin, err := embed.ParseOrigin(text)
		if err != nil {
			return
		}
		assert.Equal(t, text, origin)
		assert.False(t, strings.ContainsAny(origin, " ;,*'\"\\\n\t\r"), origin)
		assert.Equal(t, 2, strings.Count(origin, "/"), origin)
	})
}

func TestCheckHost(t *testing.T) {
	good := embed.HostDraft{ID: "console", Name: "Console", Origins: []string{"https://console.example"}, Rights: paycor.Rights{paycor.RightView}, Keys: `{"keys":[]}`}
	assert.Empty(t, embed.CheckHost(good))
	tests := map[string]struct {
		change func(*embed.HostDraft)
		field  fields.Field
	}{
		"id of other letters":   {func(d *embed.HostDraft) { d.ID = "Console" }, fields.HostID},
		"id too short":          {func(d *embed.HostDraft) { d.ID = "ab" }, fields.HostID},
		"id begins with number": {func(d *embed.HostDraft) { d.ID = "1console" }, fields.HostID},
		"no name":               {func(d *embed.HostDraft) { d.Name = "" }, fields.HostName},
		"endless name":          {func(d *embed.HostDraft) { d.Name = strings.Repeat("n", 101) }, fields.HostName},
		"no origin":             {func(d *embed.HostDraft) { d.Origins = nil }, fields.HostOrigins},
		"wildcard":              {func(d *embed.HostDraft) { d.Origins = []string{"https://*.example"} }, fields.HostOrigins},
		"too many origins":      {func(d *embed.HostDraft) { d.Origins = make([]string, 17) }, fields.HostOrigins},
		"no rights":             {func(d *embed.HostDraft) { d.Rights = nil }, fields.HostRights},
		"a right there is not":  {func(d *embed.HostDraft) { d.Rights = paycor.Rights{"root"} }, fields.HostRights},
		"keys twice":            {func(d *embed.HostDraft) { d.KeysURL = "https://console.example/keys" }, fields.HostKeys},
		"keys too long":         {func(d *embed.HostDraft) { d.Keys = strings.Repeat("x", 40000) }, fields.HostKeys},
		"keys over http":        {func(d *embed.HostDraft) { d.Keys, d.KeysURL = "", "http://console.example/keys" }, fields.HostKeysURL},
		"keys with a password":  {func(d *embed.HostDraft) { d.Keys, d.KeysURL = "", "https://a:b@console.example/keys" }, fields.HostKeysURL},
		"keys in a file":        {func(d *embed.HostDraft) { d.Keys, d.KeysURL = "", "file:///etc/passwd" }, fields.HostKeysURL},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			draft := good
			test.change(&draft)
			problems := embed.CheckHost(draft)
			require.Len(t, problems, 1)
			assert.Equal(t, test.field, problems[0].Field)
			assert.True(t, strings.HasSuffix(problems[0].Message.In(locale.English), "."))
		})
	}
	messy := embed.HostDraft{Name: "  The \n console ", Origins: []string{"https://a.example\nhttps://b.example  https://a.example "}}.Clean()
	assert.Equal(t, "The console", messy.Name)
	assert.Equal(t, []string{"https://a.example", "https://b.example"}, messy.Origins)
}
