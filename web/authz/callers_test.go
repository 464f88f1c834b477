package authz_test

import (
	"crypto/sha256"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/store"
)

// authentication is the header that identifies a caller. The zero value sends
// none.
type authentication struct{ header, value string }

// session creates a session of a person.
func (e *environment) session(caller paycor.Caller) authentication {
	e.t.Helper()
	return e.sessionNamed(caller, caller.ID)
}

// sessionID returns the id of a session that sessionNamed created.
func sessionID(by authentication) string {
	_, handle, _ := strings.Cut(by.value, "=")
	return "sess_" + handle
}

// sessionNamed creates one of several sessions of a person.
func (e *environment) sessionNamed(caller paycor.Caller, name string) authentication {
	e.t.Helper()
	handle, now := "session-of-"+strings.NewReplacer(" ", "-", ",", ".").Replace(name), e.Clock.Now()
	hash := sha256.Sum256([]byte(handle))
	err := e.Store.Update(e.t.Context(), func(tx store.Tx) error {
		return tx.InsertSession(store.Session{Hash: hash[:], ID: "sess_" + handle, Caller: caller, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(time.Hour)})
	})
	require.NoError(e.t, err)
	return e.sessionCookie(handle)
}

// sessionCookie sends a session's handle.
func (e *environment) sessionCookie(handle string) authentication {
	return authentication{"Cookie", e.cookieName() + "=" + handle}
}

// cookieName returns the name of the session cookie, which has the server's port.
func (e *environment) cookieName() string {
	return "paycorcred-" + e.URL[strings.LastIndexByte(e.URL, ':')+1:]
}

// token creates an API token for a consumer.
func (e *environment) token(caller paycor.Caller) authentication {
	e.t.Helper()
	text := "pcc_" + strings.NewReplacer(" ", "-", ",", ".").Replace(caller.ID)
	hash := sha256.Sum256([]byte(text))
	err := e.Store.Update(e.t.Context(), func(tx store.Tx) error {
		return tx.InsertAPIToken(store.APIToken{ID: caller.ID, Hash: hash[:], Name: caller.Name, Workspace: caller.Workspace,
			Rights: caller.Rights, Credentials: caller.Credentials, CreatedAt: e.Clock.Now()})
	})
	require.NoError(e.t, err)
	return authentication{"Authorization", "Bearer " + text}
}

// embeddedSession creates an embedded session of a site that may hand out every
// right.
func (e *environment) embeddedSession(caller paycor.Caller) authentication {
	e.t.Helper()
	handle, now := "pce_"+strings.ReplaceAll(caller.ID, " ", "-"), e.Clock.Now()
	hash, host := sha256.Sum256([]byte(handle)), "host-of-"+caller.Workspace
	err := e.Store.Update(e.t.Context(), func(tx store.Tx) error {
		if _, err := tx.EmbedHost(host); err == store.ErrNotFound {
			err := tx.InsertEmbedHost(embed.Host{ID: host, Workspace: caller.Workspace, Name: host, Origins: []string{"https://host.example"}, Rights: paycor.AllRights(), CreatedAt: now})
			if err != nil {
				return err
			}
		}
		return tx.InsertEmbedSession(store.EmbedSession{Hash: hash[:], Host: host, Origin: "https://host.example", Caller: caller, CreatedAt: now, ExpiresAt: now.Add(time.Hour)})
	})
	require.NoError(e.t, err)
	return authentication{"Authorization", "Bearer " + handle}
}
