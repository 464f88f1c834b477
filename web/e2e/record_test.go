package e2e_test

import (
	"encoding/base64"
	"fmt"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// recording keeps complete responses as the browser received them: the browser
// drops the body if the page does not read it to the end.
type recording struct {
	mu      sync.Mutex
	answers map[string][]byte // number, method and address → headers and body
}

// responseBody replaces fetch.GetResponseBody, which always decodes base64. The
// body may also be plain text.
var responseBody = cdp.Command[fetch.GetResponseBodyParams, struct {
	Body          string `json:"body"`
	Base64encoded bool   `json:"base64Encoded"`
}]{Method: fetch.GetResponseBody.Method}

// record keeps every response from now on, except the endless event stream.
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
				// A redirect has no body.
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

// each calls do for every response.
func (r *recording) each(do func(asked string, content []byte)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for asked, content := range r.answers {
		do(asked, content)
	}
}
