package e2e_test

import (
	"bufio"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/testkit"
)

// mailServer is an SMTP server that others wrote. It has STARTTLS, takes mail only of whom
// signs in, and has no mailbox "gone". It writes its port and each message as a line.
const mailServer = `
const { SMTPServer } = require("smtp-server");
const [certificate, key] = process.argv.slice(1).map(name => require("fs").readFileSync(name));
const say = value => console.log(JSON.stringify(value));
const server = new SMTPServer({
  cert: certificate, key, logger: false,
  onAuth: ({ username, password }, session, done) => username === "creds" && password === "the+password" && session.secure
    ? done(null, { user: username }) : done(new Error("Invalid username or password")),
  onRcptTo: ({ address }, session, done) => address.startsWith("gone@") ? done(Object.assign(new Error("No such mailbox"), { responseCode: 550 })) : done(),
  onData: (stream, { envelope }, done) => {
    const parts = [];
    stream.on("data", part => parts.push(part)).on("end", () => { say({ to: envelope.rcptTo.map(one => one.address), text: Buffer.concat(parts).toString() }); done() });
  },
});
server.on("error", () => {});
server.listen(0, "localhost", () => say({ port: server.server.address().port }));
`

// receivedMail is a message that the mail server took.
type receivedMail struct {
	Port int
	To   []string
	Text string
}

// startMailServer starts a mail server and returns its port, the file of its certificate's
// authority, and what it takes.
func startMailServer(t *testing.T) (port, authorityFile string, taken chan receivedMail) {
	t.Helper()
	authority := testkit.NewAuthority(t)
	certificate, key := authority.CertificateFiles("localhost")
	node := exec.Command("node", "-e", mailServer, certificate, key)
	out, err := node.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, node.Start())
	t.Cleanup(func() { _ = node.Process.Kill(); _ = node.Wait() })
	taken = make(chan receivedMail, 20)
	go func() {
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var one receivedMail
			if json.Unmarshal(lines.Bytes(), &one) == nil {
				taken <- one
			}
		}
	}()
	return strconv.Itoa(nextMessage(t, taken).Port), authority.File(), taken
}

// parts returns the headers of a message, and its parts by media type.
func (r receivedMail) parts(t *testing.T) (mail.Header, map[string]string) {
	t.Helper()
	read, err := mail.ReadMessage(strings.NewReader(r.Text))
	require.NoError(t, err)
	_, parameters, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	require.NoError(t, err)
	found := map[string]string{}
	for reader := multipart.NewReader(read.Body, parameters["boundary"]); ; {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return read.Header, found
		}
		require.NoError(t, err)
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		require.NoError(t, err)
		require.Equal(t, "quoted-printable", part.Header.Get("Content-Transfer-Encoding"))
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		require.NoError(t, err)
		found[kind] = string(text)
	}
}

// Each recipient gets a message of text and HTML by a mail server with STARTTLS that asks for
// a password. One without a mailbox keeps the others from nothing.
func TestMailIsSent(t *testing.T) {
	t.Parallel()
	port, authority, taken := startMailServer(t)
	password := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(password, []byte("the+password\n"), 0o600))
	flags := func(password string) []string {
		return []string{"--smtp", "smtp://creds@localhost:" + port, "--smtp-password-file", password, "--smtp-from", "Paycor credentials <creds@example.com>", "--ca-file", authority}
	}
	p := start(t, flags(password)...)
	add := func(p *program, to string) (answer, struct{ ID, Host, Secret string }) {
		var added struct{ ID, Host, Secret string }
		got := p.api("POST", "/channels", map[string]any{"type": "email", "name": "Payroll <team>", "address": to, "kinds": notification.Kinds()})
		if got.Status == http.StatusCreated {
			got.into(t, &added)
		}
		return got, added
	}
	_, added := add(p, "ann@example.com; gone@example.com bob@example.org")
	assert.Equal(t, "example.com, example.org", added.Host)
	assert.Empty(t, added.Secret, "nothing is signed")
	var sent notification.Delivery
	p.api("POST", "/channels/"+added.ID+"/test", nil).into(t, &sent)
	assert.Equal(t, notification.StateDelivered, sent.State)
	assert.Equal(t, "The mail server accepted it for 2 of 3 addresses.", sent.Result.Message.In(locale.English))

	first, second := nextMessage(t, taken), nextMessage(t, taken)
	assert.Equal(t, []string{"ann@example.com"}, first.To)
	assert.Equal(t, []string{"bob@example.org"}, second.To)
	header, parts := first.parts(t)
	assert.Equal(t, "This is a test. The channel works.", header.Get("Subject"))
	assert.Equal(t, `"Paycor credentials" <creds@example.com>`, header.Get("From"))
	assert.Equal(t, "<"+sent.ID+"@localhost>", header.Get("Message-Id"))
	assert.NotContains(t, first.Text, "bob@", "a recipient does not learn of others")
	assert.Contains(t, parts["text/plain"], "“Payroll <team>” is told")
	assert.Contains(t, parts["text/html"], "“Payroll &lt;team&gt;” is told")

	for to, says := range map[string]string{
		"": "Enter the e-mail addresses", "ann@example.com, ann": "“ann” isn’t", "ann@": "“ann@” isn’t", "ann@-a.example": "“ann@-a.example” isn’t",
		"ann@example.com\r\nBcc: eve@example.com": "“Bcc:” isn’t", "https://example.com/": "isn’t an e-mail address",
		"ann@example.com " + strings.Repeat("a", 64) + "@" + strings.Repeat("b.", 480) + "com": "at most 20 e-mail addresses",
	} {
		refused, _ := add(p, to)
		assert.Equal(t, http.StatusUnprocessableEntity, refused.Status, "%q", to)
		assert.Contains(t, string(refused.Body), says)
	}

	require.NoError(t, os.WriteFile(password, []byte("another\n"), 0o600))
	p.stop()
	p.restart()
	p.api("POST", "/channels/"+added.ID+"/test", nil).into(t, &sent)
	assert.Equal(t, notification.StateFailed, sent.State)
	assert.Equal(t, 535, sent.Result.Status)

	none := start(t)
	refused, _ := add(none, "ann@example.com")
	assert.Equal(t, http.StatusUnprocessableEntity, refused.Status)
	assert.Contains(t, string(refused.Body), "can’t send e-mail")
}
