package upstream_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestWhatKeepsAnAnswerFromArriving(t *testing.T) {
	// speaks listens and calls a test's function for each connection.
	speaks := func(t *testing.T, speak func(net.Conn)) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				go func() {
					defer func() { _ = conn.Close() }()
					_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
					speak(conn)
				}()
			}
		}()
		return listener.Addr().String()
	}
	hear := func(conn net.Conn) { _, _ = conn.Read(make([]byte, 4096)) }
	unreachable := verdicts.OutcomeUnreachable
	for _, c := range []struct {
		name   string
		server func(*testing.T) string
		config upstream.Config
		want   want
	}{
		{"nobody listens", func(t *testing.T) string {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			require.NoError(t, listener.Close())
			return "http://" + listener.Addr().String()
		}, upstream.Config{}, want{unreachable, "refused", noField, failsKey}},
		{"the name is not known", func(*testing.T) string { return "https://apis.example.invalid" },
			upstream.Config{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "apis.example.invalid", IsNotFound: true}}
			}}}, want{unreachable, "dns", noField, failsKey}},
		{"the proxy does not let us through", func(*testing.T) string { return "https://apis.example.invalid" },
			upstream.Config{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
				return url.Parse("http://" + speaks(t, func(conn net.Conn) {
					hear(conn)
					_, _ = conn.Write([]byte("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"))
				}))
			}}}, want{unreachable, "refused", noField, failsKey}},
		{"the certificate is not trusted", func(t *testing.T) string {
			server := httptest.NewUnstartedServer(scripted().token)
			server.Config.ErrorLog = log.New(io.Discard, "", 0) // logs the failed handshake
			server.StartTLS()
			t.Cleanup(server.Close)
			return server.URL
		}, upstream.Config{}, want{unreachable, "tls", noField, failsKey}},
		{"no TLS where TLS should be", func(t *testing.T) string {
			return "https://" + speaks(t, func(conn net.Conn) { hear(conn); _, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) })
		}, upstream.Config{}, want{unreachable, "tls", noField, failsKey}},
		{"the handshake is broken off", func(t *testing.T) string {
			return "https://" + speaks(t, func(conn net.Conn) { hear(conn) })
		}, upstream.Config{}, want{unreachable, "reset", noField, failsKey}},
		{"the connection ends without a word", func(t *testing.T) string {
			return "http://" + speaks(t, hear)
		}, upstream.Config{}, want{unreachable, "reset", noField, failsKey}},
		{"the body ends early", func(t *testing.T) string {
			return "http://" + speaks(t, func(conn net.Conn) {
				hear(conn)
				_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"access_token\""))
			})
		}, upstream.Config{}, want{unreachable, "truncated", noField, failsKey}},
		{"no HTTP comes back", func(t *testing.T) string {
			return "http://" + speaks(t, func(conn net.Conn) { hear(conn); _, _ = conn.Write([]byte("220 mail ready\r\n")) })
		}, upstream.Config{}, want{unreachable, "unexpected", noField, failsKey}},
		{"nothing comes back", func(t *testing.T) string {
			return "http://" + speaks(t, func(conn net.Conn) { hear(conn); hear(conn) })
		}, upstream.Config{CallTimeout: 300 * time.Millisecond}, want{unreachable, "timeout", noField, failsKey}},
		{"the whole takes too long", func(t *testing.T) string {
			return "http://" + speaks(t, func(conn net.Conn) { hear(conn); hear(conn) })
		}, upstream.Config{TotalTimeout: 300 * time.Millisecond}, want{unreachable, "timeout", noField, failsKey}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := newVerifier(c.config)
			verdict := a.verify(t, upstream.VerifyRequest{Environment: environment(c.server(t)), Draft: sampleDraft()})
			c.want.check(t, verdict)
			assert.Empty(t, verdict.Detail, "the operator's error is not for the page")
		})
	}
}

// Not every layer of a transport reports a timeout as a timeout.
func TestTimeIsUpWhateverTheTransportSays(t *testing.T) {
	transport := transportFunc(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, errors.New("stream error: stream ID 3; CANCEL")
	})
	a := newVerifier(upstream.Config{Transport: transport, CallTimeout: time.Millisecond})
	verdict := a.verify(t, upstream.VerifyRequest{Environment: environment("https://127.0.0.1"), Draft: sampleDraft()})
	assert.Equal(t, verdicts.CodeTimeout, verdict.Code)
}

func TestCallerWhoLeavesGetsNoVerdict(t *testing.T) {
	server := paycortest.Start(t, paycortest.Config{})
	for _, place := range []paycortest.Place{paycortest.AtToken, paycortest.AtAPI} {
		server.ClearFaults()
		server.AddFault(paycortest.Fault{Kind: paycortest.Hang, Place: place})
		ctx, cancel := context.WithCancel(t.Context())
		a := newVerifier(upstream.Config{})
		waiting := verdicts.StepKey
		if place == paycortest.AtAPI {
			waiting = verdicts.StepEntities
		}
		client := a.client
		_, err := client.Verify(ctx, upstream.VerifyRequest{
			Environment: environment(server.URL), Draft: draftOf(server.Lookup(paycortest.SunriseBakery).Details()),
		}, tokenSource(a, server), func(step verdicts.Step) {
			if step.Name == waiting && step.State == verdicts.StepRunning {
				cancel()
			}
		})
		assert.ErrorIs(t, err, context.Canceled, place)
		cancel()
	}
}

func TestOwnTroubleOfTheTokenSourceIsNoVerdict(t *testing.T) {
	own := errors.New("the store is closed")
	_, err := newVerifier(upstream.Config{}).client.Verify(t.Context(),
		upstream.VerifyRequest{Environment: environment("http://127.0.0.1:1"), Draft: sampleDraft()},
		func(context.Context) (paycor.Secret, error) { return paycor.Secret{}, own }, nil)
	assert.ErrorIs(t, err, own)
}

func TestAReadIsTriedOnceMoreAndATokenRequestIsNot(t *testing.T) {
	for _, fault := range []paycortest.Fault{
		{Kind: paycortest.Cut}, {Kind: paycortest.Cut, Bytes: 10}, {Kind: paycortest.ServerError}, {Kind: paycortest.TruncatedBody},
	} {
		t.Run(string(fault.Kind), func(t *testing.T) {
			fault.Count, fault.Place = 1, paycortest.AtAPI
			verdict, _, server := scenario{fault: fault}.play(t)
			assert.Equal(t, verdicts.CodeVerified, verdict.Code)
			assert.Equal(t, 3, server.Counts().Calls, "the list twice and the entity")

			fault.Place = paycortest.AtToken
			verdict, _, server = scenario{fault: fault}.play(t)
			assert.Equal(t, verdicts.OutcomeUnreachable, verdict.Outcome)
			assert.Equal(t, 1, server.Counts().Tokens)
		})
	}
	t.Run("once and not for ever", func(t *testing.T) {
		_, _, server := scenario{fault: paycortest.Fault{Kind: paycortest.ServerError, Place: paycortest.AtAPI}}.play(t)
		assert.Equal(t, 2, server.Counts().Calls)
	})
	t.Run("not while Paycor asks to wait", func(t *testing.T) {
		var calls atomic.Int32
		s := scripted()
		s.list = func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			says(503, `{}`, "Retry-After", "30")(w, r)
		}
		verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
		assert.Equal(t, verdicts.CodeServerError, verdict.Code)
		assert.Equal(t, 30, verdict.RetryAfter)
		assert.EqualValues(t, 1, calls.Load())
	})
}

func TestRedirectIsNotFollowed(t *testing.T) {
	for _, place := range []paycortest.Place{paycortest.AtToken, paycortest.AtAPI} {
		_, _, server := scenario{fault: paycortest.Fault{Kind: paycortest.Redirect, Place: place, Status: 307}}.play(t)
		assert.Zero(t, server.Counts().Elsewhere)
	}
}

func TestBodyIsReadUpToALimit(t *testing.T) {
	s := scripted()
	s.list = func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 64<<10)
		_, _ = w.Write([]byte(`{"userLegalEntities":[`))
		for range 1024 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	s.entity = says(404, `{}`)
	verdict := newVerifier(upstream.Config{MaxBody: 1 << 16}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
	assert.Equal(t, verdicts.OutcomeUnreachable, verdict.Outcome)
	assert.Empty(t, verdict.Fields)
}
