package client

import (
	"context"
	"errors"
	"io"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
)

// Request is a request to the server this page came from.
type Request struct {
	Method string
	Path   string
	Header map[string]string
	Body   []byte        // wiped after sending, because it can hold secrets
	Wait   time.Duration // until the response is complete; 0 means 30 s
}

// Response is the response to a request.
type Response struct {
	Status int
	Type   string // Content-Type
	Body   io.Reader
}

// Fetch sends a request. It returns ErrOffline if the server cannot be reached,
// and the context's error if that ends first.
type Fetch func(ctx context.Context, request Request) (Response, error)

// BrowserFetch sends a request by the browser's fetch. Canceling the context
// aborts the request.
func BrowserFetch(ctx context.Context, request Request) (Response, error) {
	return fetchWith(ctx, request, func(options map[string]any) goapp.Value {
		return goapp.Window().Call("fetch", dom.Local(request.Path), options)
	})
}

func fetchWith(ctx context.Context, request Request, fetch func(options map[string]any) goapp.Value) (Response, error) {
	window := goapp.Window()
	abort := window.Get("AbortController").New()
	stop := context.AfterFunc(ctx, func() { abort.Call("abort") })

	header := map[string]any{"Accept-Language": window.Get("document").Get("documentElement").Get("lang").String()}
	for name, value := range request.Header {
		header[name] = value
	}
	options := map[string]any{
		"method": request.Method, "headers": header, "signal": abort.Get("signal"),
		"credentials": "same-origin", "cache": "no-store", "redirect": "error",
	}
	if request.Body != nil {
		body := window.Get("Uint8Array").New(len(request.Body))
		goapp.CopyBytesToJS(body, request.Body)
		defer body.Call("fill", 0)
		options["body"] = body
	}
	response, err := await(ctx, fetch(options))
	if err != nil {
		stop()
		return Response{}, err
	}
	result := Response{
		Status: response.Get("status").Int(),
		Type:   dom.String(response.Get("headers").Call("get", "Content-Type")),
		Body:   eofReader{},
	}
	if body := response.Get("body"); body.Truthy() {
		result.Body = &bodyReader{ctx: ctx, reader: body.Call("getReader"), stop: stop}
	}
	return result, nil
}

type eofReader struct{}

func (eofReader) Read([]byte) (int, error) { return 0, io.EOF }

// bodyReader reads a ReadableStream, chunk by chunk.
type bodyReader struct {
	ctx    context.Context
	reader goapp.Value
	stop   func() bool
	chunk  []byte
}

// Read implements io.Reader.
func (s *bodyReader) Read(into []byte) (int, error) {
	for len(s.chunk) == 0 {
		part, err := await(s.ctx, s.reader.Call("read"))
		if err != nil {
			s.stop()
			return 0, err
		}
		if part.Get("done").Bool() {
			s.stop()
			return 0, io.EOF
		}
		value := part.Get("value")
		s.chunk = make([]byte, value.Length())
		goapp.CopyBytesToGo(s.chunk, value)
	}
	n := copy(into, s.chunk)
	s.chunk = s.chunk[n:]
	return n, nil
}

// await is dom.Await for promises of fetch, which rejects only without a response.
func await(ctx context.Context, promise goapp.Value) (goapp.Value, error) {
	value, err := dom.Await(ctx, promise)
	if errors.Is(err, dom.ErrRejected) {
		return nil, ErrOffline
	}
	return value, err
}
