package e2e_test

import (
	"encoding/base64"
	"fmt"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// recording keeps whole answers, as the browser got them: the page itself may
// leave the end of one unread, and then the browser does not keep it.
type recording struct {
	mu      sync.Mutex
	answers map[string][]byte // number, method and address → headers and body
}

// responseBody is fetch.GetResponseBody with a body as it is sent: a text that
// is base64 only where it says so.
var responseBody = cdp.Command[fetch.GetResponseBodyParams, struct {
	Body          string `json:"body"`
	Base64encoded bool   `json:"base64Encoded"`
}]{Method: fetch.GetResponseBody.Method}

// record keeps every answer from now on but the endless one of the events.
func (b *tab) record() *recording {
	b.t.Helper()
	r := &recording{answers: map[string][]byte{}}
	patterns := []*fetch.RequestPattern{}
	for _, pattern := range []string{"*/", "*/sign-in*", "*/assets/*", "*/api/v1/verify*", "*/api/v1/credentials*"} {
		patterns = append(patterns, &fetch.RequestPattern{URLPattern: pattern, RequestStage: fetch.RequestStageResponse})
	}
	call(b, fetch.Enable, fetch.EnableParams{Patterns: patterns})
	go func() {
		for {
			select {
			case event := <-b.watch.paused:
				content := fmt.Appendf(nil, "%d", event.ResponseStatusCode)
				for _, header := range event.ResponseHeaders {
					content = fmt.Appendf(content, "\n%s: %s", header.Name, header.Value)
				}
				// A redirect has no body to ask for.
				if got, err := chromedp.Call(b.ctx, responseBody, fetch.GetResponseBodyParams{RequestID: event.RequestID}); err == nil {
					body := []byte(got.Body)
					if got.Base64encoded {
						body, _ = base64.StdEncoding.DecodeString(got.Body)
					}
					content = append(append(content, '\n'), body...)
				}
				r.mu.Lock()
				r.answers[fmt.Sprintf("%d %s %s", len(r.answers), event.Request.Method, event.Request.URL)] = content
				r.mu.Unlock()
				_, _ = chromedp.Call(b.ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: event.RequestID})
			case <-b.ctx.Done():
				return
			}
		}
	}()
	return r
}

// each calls do with every answer.
func (r *recording) each(do func(asked string, content []byte)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for asked, content := range r.answers {
		do(asked, content)
	}
}
