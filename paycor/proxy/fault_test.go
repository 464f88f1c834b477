package proxy_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// wholeAnswers are answers whose end can be told from their middle.
var wholeAnswers = map[string]string{
	"with length": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n" + `{"records":[1,2,34]}`,
	"chunked":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"rec\r\nf\r\nords\":[1,2,34]}\r\n0\r\n\r\n",
	"trailers":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n14\r\n{\"records\":[1,2,34]}\r\n0\r\nX-Sum: 20\r\n\r\n",
}

// reset ends a connection the hard way.
func reset(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// Cut at each byte, in good order or by a reset, an answer never passes as a
// whole one.
func TestAnAnswerThatIsCutNeverPassesAsWhole(t *testing.T) {
	for name, whole := range wholeAnswers {
		for ending, end := range map[string]func(net.Conn){"closed": func(conn net.Conn) { _ = conn.Close() }, "reset": reset} {
			t.Run(name+" "+ending, func(t *testing.T) {
				t.Parallel()
				var cut atomic.Int64
				upstream := &wire{}
				upstream.serve(t, func(conn net.Conn) {
					if _, err := readRequest(bufio.NewReader(conn)); err == nil {
						_, _ = io.WriteString(conn, whole[:cut.Load()])
						end(conn)
					}
				})
				s := open(t, upstream.URL(), func(c *proxy.Config) { c.Breakers = breaker.NewRegistry(breaker.Config{Cooldown: time.Nanosecond}) })
				for at := range len(whole) {
					cut.Store(int64(at))
					response, body, err := s.try("POST", root+"/v1/a", "x")
					passed := err == nil && response.Header.Get(proxy.ErrorHeader) == ""
					assert.False(t, passed, "cut at %d: %q", at, body)
				}
				cut.Store(int64(len(whole)))
				if ending == "closed" { // a reset may overtake the last bytes
					response, body, err := s.try("POST", root+"/v1/a", "x")
					require.NoError(t, err)
					assert.Equal(t, 200, response.StatusCode)
					assert.Equal(t, `{"records":[1,2,34]}`, body)
				}
			})
		}
	}
}

// A large answer that breaks off late has long been on its way to the caller.
func TestALargeAnswerThatIsCut(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		t.Run(fmt.Sprint("chunked ", chunked), func(t *testing.T) {
			s := before(t, func(w http.ResponseWriter, _ *http.Request) {
				if !chunked {
					w.Header().Set("Content-Length", fmt.Sprint(5<<20))
				}
				_, _ = io.Copy(w, &noise{left: 3 << 20})
				panic(http.ErrAbortHandler)
			})
			response, body, err := s.try("GET", root+"/v1/a", "")
			require.NotNil(t, response)
			require.Error(t, err)
			assert.NotEmpty(t, body)
			use := s.last(1)
			assert.Equal(t, usage.CodeCallCut, use.Code)
			assert.Equal(t, 200, use.Status)
			assert.Equal(t, 1, use.Tries, "a part of an answer is out: nothing is asked again")
		})
	}
}

// The same for what a caller sends: half a body never ends like a whole one.
func TestABodyThatIsCutNeverArrivesAsWhole(t *testing.T) {
	tests := map[string]string{
		"with length": "Content-Length: 10\r\n\r\n12345",
		"chunked":     "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
		"in a chunk":  "Transfer-Encoding: chunked\r\n\r\na\r\n12345",
		"bad chunk":   "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\nZZ\r\n",
	}
	for name, rest := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := make(chan bool, 4)
			s := before(t, func(w http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(io.Discard, r.Body)
				whole <- err == nil
			})
			conn := s.dial()
			_, err := io.WriteString(conn, "POST "+root+"/v1/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "+opens+"\r\n"+rest)
			require.NoError(t, err)
			_ = conn.(*net.TCPConn).CloseWrite()
			got := drain(conn, patience)
			_ = conn.Close()
			assert.NotContains(t, got, "200 OK")
			use := s.last(1)
			assert.Contains(t, []verdicts.Code{usage.CodeCallBody, usage.CodeCallGone}, use.Code)
			select {
			case arrived := <-whole:
				assert.False(t, arrived)
			case <-time.After(100 * time.Millisecond): // it may not even have begun
			}
		})
	}
}

func TestAnAnswerThatDoesNotCome(t *testing.T) {
	upstream := &wire{}
	upstream.serve(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	s := open(t, upstream.URL(), func(c *proxy.Config) { c.ResponseTimeout = 100 * time.Millisecond })
	for _, method := range []string{"GET", "POST"} {
		response, body := s.send(method, root+"/v1/a", "")
		assert.Equal(t, 504, response.StatusCode)
		assert.Equal(t, "call_timeout", response.Header.Get(proxy.ErrorHeader))
		assert.Equal(t, method == "POST", strings.Contains(body, locale.English.Text("call.timeout-unsafe")))
	}
	assert.Equal(t, 1, s.last(2).Tries)
}

// Paycor may answer before it has the whole body, and close. What it said is
// passed on, although no more of the body can be sent.
func TestAnAnswerThatComesEarlyIsNotLost(t *testing.T) {
	said := strings.Repeat("x", 20_000)
	upstream := &wire{}
	upstream.serve(t, func(conn net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		_, _ = io.WriteString(conn, fmt.Sprintf("HTTP/1.1 413 Content Too Large\r\nContent-Length: %d\r\n\r\n%s", len(said), said))
	})
	s := open(t, upstream.URL())
	for n := range 50 {
		conn := s.dial()
		var sending sync.WaitGroup
		sending.Go(func() {
			_, _ = io.WriteString(conn, "POST "+root+"/v1/a"+begin+"Content-Length: 9000000\r\n\r\n"+strings.Repeat("y", 4_000_000))
		})
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.Equal(t, 413, response.StatusCode, n)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Len(t, body, len(said))
		_ = conn.Close()
		sending.Wait()
	}
}

// Half open: the connection stands, and nothing comes any more.
func TestAnAnswerThatStalls(t *testing.T) {
	for name, begun := range wholeAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream := &wire{}
			upstream.serve(t, func(conn net.Conn) {
				_, _ = readRequest(bufio.NewReader(conn))
				_, _ = io.WriteString(conn, begun[:len(begun)-8])
				_, _ = io.Copy(io.Discard, conn)
			})
			s := open(t, upstream.URL(), func(c *proxy.Config) { c.StallTimeout, c.ResponseTimeout = 50*time.Millisecond, 50*time.Millisecond })
			_, _, err := s.try("GET", root+"/v1/a", "")
			require.Error(t, err)
			assert.Equal(t, usage.CodeCallCut, s.last(1).Code)
		})
	}
}

// Slow is not broken: an answer that keeps moving is not cut off, however long
// it takes.
func TestASlowAnswerArrives(t *testing.T) {
	t.Parallel()
	upstream := &wire{}
	upstream.serve(t, func(conn net.Conn) {
		_, _ = readRequest(bufio.NewReader(conn))
		for _, c := range []byte(wholeAnswers["chunked"]) {
			_, _ = conn.Write([]byte{c})
			time.Sleep(40 * time.Millisecond)
		}
	})
	s := open(t, upstream.URL(), func(c *proxy.Config) { c.StallTimeout, c.ResponseTimeout = 2*time.Second, patience })
	response, body := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 200, response.StatusCode)
	assert.Equal(t, `{"records":[1,2,34]}`, body)
}

func TestACallerThatLeavesTakesItsCallAlong(t *testing.T) {
	for _, stage := range []string{"before the answer", "in the answer", "in the body"} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			begun, ended := make(chan struct{}, 1), make(chan struct{}, 1)
			s := before(t, func(w http.ResponseWriter, r *http.Request) {
				if stage == "in the answer" {
					_, _ = io.WriteString(w, "begun")
					_ = http.NewResponseController(w).Flush()
				}
				begun <- struct{}{}
				if stage == "in the body" {
					_, _ = io.Copy(io.Discard, r.Body)
				}
				<-r.Context().Done()
				ended <- struct{}{}
			})
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			var body io.Reader
			stopBody := func() {}
			if stage == "in the body" {
				reader, writer := io.Pipe()
				stopBody = func() { _ = writer.CloseWithError(io.ErrClosedPipe) }
				go func() { _, _ = writer.Write([]byte("begun")) }()
				body = reader
			}
			request, err := http.NewRequestWithContext(ctx, map[bool]string{true: "GET", false: "POST"}[body == nil], s.URL+root+"/v1/a", body)
			require.NoError(t, err)
			request.Header.Set("Authorization", "Bearer "+opens)
			done := make(chan struct{})
			go func() {
				defer close(done)
				if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
				}
			}()
			<-begun
			leave()
			stopBody() // the client's transport would wait for its end
			<-done
			select {
			case <-ended:
			case <-time.After(patience):
				t.Fatal("Paycor was not told")
			}
			use := s.last(1)
			assert.Equal(t, 1, use.Tries)
			assert.Contains(t, []verdicts.Code{usage.CodeCallGone, usage.CodeCallBody}, use.Code)
		})
	}
}

// A connection that Paycor cuts is no error of this server's. The log says what
// happened, and leaves what to do to the answer.
func TestWhatIsSaidOfACutConnection(t *testing.T) {
	upstream := listen(t, func(int, seen) string { return hangUp })
	s := open(t, upstream.URL())
	_, body := s.send("GET", root+"/v1/a", "")
	assert.Contains(t, body, locale.English.Text("call.lost-tries", 2))
	_, body = s.send("POST", root+"/v1/a", "body")
	assert.Contains(t, body, locale.English.Text("call.lost-unsafe"))
	log := s.log.String()
	assert.Equal(t, 2, strings.Count(log, `level=WARN msg="request failed"`), log)
	assert.Equal(t, 2, strings.Count(log, `code=call_unknown cause=`), log)
	assert.NotContains(t, log, "level=ERROR")
	assert.NotContains(t, log, "call.lost", "the message is for the caller")
}

func TestWhatIsSaidOfAReadThatTookTooLong(t *testing.T) {
	silent := make(chan struct{})
	s := before(t, func(http.ResponseWriter, *http.Request) { <-silent }, func(c *proxy.Config) { c.ResponseTimeout = 50 * time.Millisecond })
	defer close(silent)
	response, body := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, "call_timeout", response.Header.Get(proxy.ErrorHeader))
	assert.Contains(t, body, locale.English.Text("call.timeout"))
}

func TestTheBreaker(t *testing.T) {
	told := make(chan string, 9)
	var well atomic.Bool
	upstream := listen(t, func(int, seen) string { return map[bool]string{true: ok, false: bad502}[well.Load()] })
	s := open(t, upstream.URL(), func(c *proxy.Config) {
		c.Breakers = breaker.NewRegistry(breaker.Config{Cooldown: 300 * time.Millisecond, Changed: func(change breaker.Change) {
			told <- change.Environment + " " + change.Credential + " " + string(change.State)
		}})
	})
	assert.Empty(t, s.proxy.Breakers().Environments())
	for range 8 {
		response, _ := s.send("POST", root+"/v1/a", "")
		assert.Equal(t, 502, response.StatusCode)
		assert.Empty(t, response.Header.Get(proxy.ErrorHeader))
	}
	states := s.proxy.Breakers().Environments()
	require.Len(t, states, 1)
	assert.Equal(t, breaker.Open, states[0].State)
	assert.Equal(t, "test", states[0].Environment)
	assert.False(t, states[0].Since.IsZero())

	response, body := s.send("POST", root+"/v1/a", "")
	assert.Equal(t, 503, response.StatusCode)
	assert.Equal(t, "call_unwell", response.Header.Get(proxy.ErrorHeader))
	assert.Equal(t, "1", response.Header.Get("Retry-After"))
	assert.Contains(t, body, "nothing was sent")
	assert.Len(t, upstream.requests(), 8, "Paycor is left alone")

	well.Store(true)
	require.Eventually(t, func() bool { return s.proxy.Breakers().Environments()[0].State == breaker.HalfOpen }, patience, 10*time.Millisecond)
	for range 3 {
		response, _ = s.send("GET", root+"/v1/a", "")
		assert.Equal(t, 200, response.StatusCode)
	}
	assert.Equal(t, breaker.Closed, s.proxy.Breakers().Environments()[0].State)
	for _, state := range []breaker.State{breaker.Open, breaker.HalfOpen, breaker.Closed} {
		assert.Equal(t, "test cred_1 "+string(state), <-told)
	}
	assert.Empty(t, told, "each change is told once")
	assert.NotContains(t, s.log.String(), "request failed", "calls that are held back need no line each")
}

// Callers that send slowly while the breaker finds out whether Paycor works
// again do not hold everybody else back.
func TestSlowBodiesHoldNoProbes(t *testing.T) {
	var begun atomic.Int32
	var well atomic.Bool
	s := before(t, func(w http.ResponseWriter, r *http.Request) {
		if !well.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
		if r.ContentLength > 0 {
			begun.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
		}
	}, func(c *proxy.Config) {
		c.Breakers = breaker.NewRegistry(breaker.Config{Cooldown: 100 * time.Millisecond})
	})
	for range 8 {
		s.send("POST", root+"/v1/a", "")
	}
	well.Store(true)
	require.Eventually(t, func() bool { return s.proxy.Breakers().Environments()[0].State == breaker.HalfOpen }, patience, 10*time.Millisecond)
	var slow []net.Conn
	for range 3 {
		conn := s.dial()
		defer conn.Close()
		_, err := io.WriteString(conn, "POST "+root+"/v1/a"+begin+"Content-Length: 9\r\n\r\nfirst")
		require.NoError(t, err)
		slow = append(slow, conn)
	}
	require.Eventually(t, func() bool { return begun.Load() == 3 }, patience, time.Millisecond)
	require.Eventually(t, func() bool {
		response, _ := s.send("GET", root+"/v1/a", "", "Authorization: Bearer "+opens+"2")
		return response.StatusCode == 200
	}, patience, 10*time.Millisecond)

	for _, conn := range slow {
		_, err := io.WriteString(conn, "last")
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return s.proxy.Breakers().Environments()[0].State == breaker.Closed }, patience, 10*time.Millisecond, "late, they count")
}

// What a caller does wrong, and what Paycor refuses, says nothing about
// Paycor's health.
func TestTheBreakerCountsOutagesOnly(t *testing.T) {
	upstream := listen(t, func(n int, _ seen) string { return []string{broken500, empty401, long429}[n%3] })
	s := open(t, upstream.URL(), func(c *proxy.Config) { c.MaxWait = time.Nanosecond })
	for range 30 {
		s.send("POST", root+"/v1/a", "")
	}
	assert.Equal(t, breaker.Closed, s.proxy.Breakers().Environments()[0].State)
}
