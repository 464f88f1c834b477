package paycor_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

func TestOrigins(t *testing.T) {
	for _, good := range []string{
		"https://console.example", "https://a.b-c.example:8443", "http://localhost", "http://localhost:3000", "http://127.0.0.1:8090",
		"http://[::1]:3000", "https://10.1.2.3", "https://xn--bcher-kva.example", "https://intranet",
	} {
		origin, err := paycor.ParseOrigin(good)
		require.NoError(t, err, good)
		assert.Equal(t, good, origin)
	}
	for _, bad := range []string{
		"", "null", "*", "https://*", "https://*.example", "*.example", "console.example", "//console.example", "https://", "https:///",
		"http://console.example", "ftp://localhost", "https://console.example/", "https://console.example/page", "https://console.example?x",
		"https://console.example#x", "https://ann@console.example", "https://ann:pw@console.example", "https://Console.example", "HTTPS://console.example",
		"https://console.example:443", "http://localhost:80", "https://console.example:0", "https://console.example:99999", "https://console.example:",
		"https://console.example:080", "https://bücher.example", "https://console.example https://evil.example", "https://console.example;script-src *",
		"https://console.example,https://evil.example", "https://a..example", "https://-a.example", "https://a-.example", "https://console.example.",
		"https://127.1", "https://0x7f.1", "https://1.2.3.256", "https://[::1", "https://[fe80::1%25eth0]", "https://[0:0::1]", "https://'self'", " https://console.example",
		"https://console.example\n", "javascript:alert(1)", "data:text/html,x", "https://" + strings.Repeat("a", 64) + ".example", "https://under_score.example",
	} {
		_, err := paycor.ParseOrigin(bad)
		assert.Error(t, err, bad)
	}
}

// Whatever is taken as an origin goes into a policy as it is.
func FuzzParseOrigin(f *testing.F) {
	f.Add("https://console.example")
	f.Add("http://[::1]:3000")
	f.Fuzz(func(t *testing.T, text string) {
		origin, err := paycor.ParseOrigin(text)
		if err != nil {
			return
		}
		assert.Equal(t, text, origin)
		assert.False(t, strings.ContainsAny(origin, " ;,*'\"\\\n\t\r"), origin)
		assert.Equal(t, 2, strings.Count(origin, "/"), origin)
	})
}

func TestCheckHost(t *testing.T) {
	good := paycor.HostDraft{ID: "console", Name: "Console", Origins: []string{"https://console.example"}, Rights: paycor.Rights{paycor.RightView}, Keys: `{"keys":[]}`}
	assert.Empty(t, paycor.CheckHost(good))
	tests := map[string]struct {
		change func(*paycor.HostDraft)
		field  paycor.Field
	}{
		"id of other letters":   {func(d *paycor.HostDraft) { d.ID = "Console" }, paycor.FieldHostID},
		"id too short":          {func(d *paycor.HostDraft) { d.ID = "ab" }, paycor.FieldHostID},
		"id begins with number": {func(d *paycor.HostDraft) { d.ID = "1console" }, paycor.FieldHostID},
		"no name":               {func(d *paycor.HostDraft) { d.Name = "" }, paycor.FieldHostName},
		"endless name":          {func(d *paycor.HostDraft) { d.Name = strings.Repeat("n", 101) }, paycor.FieldHostName},
		"no origin":             {func(d *paycor.HostDraft) { d.Origins = nil }, paycor.FieldHostOrigins},
		"wildcard":              {func(d *paycor.HostDraft) { d.Origins = []string{"https://*.example"} }, paycor.FieldHostOrigins},
		"too many origins":      {func(d *paycor.HostDraft) { d.Origins = make([]string, 17) }, paycor.FieldHostOrigins},
		"no rights":             {func(d *paycor.HostDraft) { d.Rights = nil }, paycor.FieldHostRights},
		"a right there is not":  {func(d *paycor.HostDraft) { d.Rights = paycor.Rights{"root"} }, paycor.FieldHostRights},
		"no keys":               {func(d *paycor.HostDraft) { d.Keys = "" }, paycor.FieldHostKeys},
		"keys twice":            {func(d *paycor.HostDraft) { d.KeysURL = "https://console.example/keys" }, paycor.FieldHostKeys},
		"keys too long":         {func(d *paycor.HostDraft) { d.Keys = strings.Repeat("x", 40000) }, paycor.FieldHostKeys},
		"keys over http":        {func(d *paycor.HostDraft) { d.Keys, d.KeysURL = "", "http://console.example/keys" }, paycor.FieldHostKeysURL},
		"keys with a password":  {func(d *paycor.HostDraft) { d.Keys, d.KeysURL = "", "https://a:b@console.example/keys" }, paycor.FieldHostKeysURL},
		"keys in a file":        {func(d *paycor.HostDraft) { d.Keys, d.KeysURL = "", "file:///etc/passwd" }, paycor.FieldHostKeysURL},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			draft := good
			test.change(&draft)
			problems := paycor.CheckHost(draft)
			require.Len(t, problems, 1)
			assert.Equal(t, test.field, problems[0].Field)
			assert.True(t, strings.HasSuffix(problems[0].Message, "."))
		})
	}
	messy := paycor.HostDraft{Name: "  The \n console ", Origins: []string{"https://a.example\nhttps://b.example  https://a.example "}}.Clean()
	assert.Equal(t, "The console", messy.Name)
	assert.Equal(t, []string{"https://a.example", "https://b.example"}, messy.Origins)
}
