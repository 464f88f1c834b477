package postgres_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/testkit"
)

// guard is a server in front of PostgreSQL that wants TLS and a password.
type guard struct {
	to          *pgx.ConnConfig
	certificate tls.Certificate
	password    string
}

// serve lets those through who know the password.
func (g guard) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			if request, err := pgproto3.NewBackend(conn, conn).ReceiveStartupMessage(); err == nil {
				if _, is := request.(*pgproto3.SSLRequest); is {
					g.admit(conn)
					return
				}
				refuse(pgproto3.NewBackend(conn, conn), "28000", "no pg_hba.conf entry, no encryption")
			}
		}()
	}
}

func (g guard) admit(conn net.Conn) {
	if _, err := conn.Write([]byte{'S'}); err != nil {
		return
	}
	secured := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{g.certificate}})
	defer secured.Close()
	client := pgproto3.NewBackend(secured, secured)
	startup, err := client.ReceiveStartupMessage()
	if err != nil {
		return
	}
	client.Send(&pgproto3.AuthenticationCleartextPassword{})
	if client.Flush() != nil || client.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
		return
	}
	answer, err := client.Receive()
	if err != nil {
		return
	}
	if given, is := answer.(*pgproto3.PasswordMessage); !is || given.Password != g.password {
		refuse(client, "28P01", "password authentication failed")
		return
	}
	network, address := pgconn.NetworkAddress(g.to.Host, g.to.Port)
	there, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer there.Close()
	message, err := startup.(*pgproto3.StartupMessage).Encode(nil)
	if err != nil {
		return
	}
	if _, err := there.Write(message); err != nil {
		return
	}
	go func() { _, _ = io.Copy(there, secured) }()
	_, _ = io.Copy(secured, there)
}

func refuse(client *pgproto3.Backend, code, why string) {
	client.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: code, Message: why})
	_ = client.Flush() // nobody reads it where it fails
}

// With a certificate of the right authority and the right password, a store works. Whatever
// is wrong is explained, and the password is not said.
func TestTLSAndPassword(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	to, err := pgx.ParseConfig(config.URL)
	require.NoError(t, err)
	authority, other := testkit.NewAuthority(t), testkit.NewAuthority(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	go guard{to, authority.Certificate("127.0.0.1"), "hunter2"}.serve(listener)
	address := func(host, password, mode, ca string) string {
		behind, err := url.Parse(config.URL)
		require.NoError(t, err)
		_, port, err := net.SplitHostPort(listener.Addr().String())
		require.NoError(t, err)
		behind.Host, behind.User = net.JoinHostPort(host, port), url.UserPassword(to.User, password)
		behind.RawQuery = url.Values{"sslmode": {mode}, "sslrootcert": {ca}}.Encode()
		return behind.String()
	}
	for name, test := range map[string]struct{ url, want, says string }{
		"another authority": {address("127.0.0.1", "hunter2", "verify-full", other.File()), "store.postgres-unreachable", "unknown authority"},
		"another host":      {address("localhost", "hunter2", "verify-full", authority.File()), "store.postgres-unreachable", "wanted to match localhost"},
		"without TLS":       {address("127.0.0.1", "hunter2", "disable", ""), "store.postgres-access", "no encryption"},
		"wrong password":    {address("127.0.0.1", "hunter22", "verify-full", authority.File()), "store.postgres-access", "password authentication failed"},
		"no such authority": {address("127.0.0.1", "hunter2", "verify-full", filepath.Join(t.TempDir(), "none.pem")), "store.postgres-file", "none.pem"},
	} {
		wrong := config
		wrong.URL = test.url
		_, err := postgres.Open(t.Context(), wrong)
		require.ErrorContains(t, err, test.want, name)
		require.ErrorContains(t, err, test.says, name)
		assert.NotContains(t, err.Error(), "hunter2", name)
	}
	config.URL, config.Password = address("127.0.0.1", "another", "verify-full", authority.File()), paycor.NewSecret("hunter2")
	s := open(t, config)
	require.NoError(t, storetest.SaveWithAudit(s, "a"))
	requireSaved(t, s, []string{"a"})
}
