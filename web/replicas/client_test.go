package replicas_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// answer is a response, read to its end.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// into decodes the body.
func (a answer) into(t testing.TB, value any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.Body), value), "%d %s", a.Status, a.Body)
}

// httpClient keeps no cookies and follows no redirects.
var httpClient = &http.Client{
	Timeout:       timeout,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
}

// request is a request to a server, or to the balancer.
type request struct {
	Method, Path string
	Header       map[string]string
	Body         any // sent as JSON
}

// send sends a request to an address, with the Host header of the balancer as all servers
// get it.
func (c *cluster) send(ctx context.Context, address string, r request) (answer, error) {
	var body io.Reader
	if r.Body != nil {
		text, err := json.Marshal(r.Body)
		if err != nil {
			return answer{}, err
		}
		body = bytes.NewReader(text)
	}
	made, err := http.NewRequestWithContext(ctx, r.Method, "http://"+address+r.Path, body)
	if err != nil {
		return answer{}, err
	}
	made.Host = c.balancer
	if r.Body != nil {
		made.Header.Set("Content-Type", "application/json")
	}
	for name, value := range r.Header {
		made.Header.Set(name, value)
	}
	response, err := httpClient.Do(made)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(text)}, err
}

// at sends a request to one server.
func (c *cluster) at(i int, r request) answer {
	c.t.Helper()
	got, err := c.send(c.t.Context(), c.servers[i].address, r)
	require.NoError(c.t, err)
	return got
}

// api sends a request to the API of one server, with every right.
func (c *cluster) api(i int, method, path string, body any) answer {
	c.t.Helper()
	return c.at(i, request{Method: method, Path: "/api/v1" + path, Header: c.bearer(), Body: body})
}

// balanced sends a request to the API of any server, with every right.
func (c *cluster) balanced(method, path string, body any) answer {
	c.t.Helper()
	got, err := c.send(c.t.Context(), c.balancer, request{Method: method, Path: "/api/v1" + path, Header: c.bearer(), Body: body})
	require.NoError(c.t, err)
	return got
}

func (c *cluster) bearer() map[string]string { return bearer(c.token) }

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

// everywhere sends a request to all servers at the same time.
func (c *cluster) everywhere(r request) []answer {
	c.t.Helper()
	type result struct {
		answer
		err error
	}
	results, start := make(chan result), make(chan struct{})
	for _, s := range c.servers {
		go func() {
			<-start
			got, err := c.send(c.t.Context(), s.address, r)
			results <- result{got, err}
		}()
	}
	close(start)
	var answers []answer
	for range c.servers {
		got := <-results
		require.NoError(c.t, got.err)
		answers = append(answers, got.answer)
	}
	return answers
}

// count counts the answers with a status.
func count(answers []answer, status int) (n int) {
	for _, got := range answers {
		if got.Status == status {
			n++
		}
	}
	return n
}
