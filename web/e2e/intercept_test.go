package e2e_test

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

// the programs' files, as a URL pattern
const wasmFiles = "*.wasm*"

// hold pauses requests for matching addresses until release, answer or refuse
// is called.
func (b *tab) hold(pattern string) {
	b.t.Helper()
	call(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: pattern}}})
}

// pausedRequest waits for the next paused request.
func (b *tab) pausedRequest() fetch.RequestID {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, timeout)
	defer cancel()
	select {
	case event := <-b.watch.paused:
		return event.RequestID
	case <-ctx.Done():
		b.t.Fatal("waited in vain for a request to hold")
		return ""
	}
}

// release continues all paused and future requests.
func (b *tab) release() {
	b.t.Helper()
	call(b, fetch.Disable, cdp.Empty{})
}

// answer responds to a paused request in place of the server.
func (b *tab) answer(id fetch.RequestID, status int64, contentType string, body []byte) {
	b.t.Helper()
	call(b, fetch.FulfillRequest, fetch.FulfillRequestParams{
		RequestID: id, ResponseCode: status, Body: body,
		ResponseHeaders: []*fetch.HeaderEntry{{Name: "Content-Type", Value: contentType}},
	})
}

// refuse fails a paused request with a network error.
func (b *tab) refuse(id fetch.RequestID, reason network.ErrorReason) {
	b.t.Helper()
	call(b, fetch.FailRequest, fetch.FailRequestParams{RequestID: id, ErrorReason: reason})
}

// before runs a script in every page before the page's own scripts.
func (b *tab) before(script string) {
	b.t.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// enter opens the sign-in link without waiting for the page's program.
func (b *tab) enter() {
	b.t.Helper()
	b.navigate(b.program.link)
	b.mark("form-usable")
}
