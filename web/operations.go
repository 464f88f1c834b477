package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/message"
)

// readyTimeout is how long a readiness check may take.
const readyTimeout = 5 * time.Second

// operationHandlers serve operators and their tools.
type operationHandlers struct {
	ready   func(context.Context) error
	metrics func(context.Context, paycor.Caller) (http.Handler, error) // nil without metrics
	version string
}

// live reports that the process responds.
func (h *operationHandlers) live(w http.ResponseWriter, _ *http.Request) error {
	return writeText(w, "ok\n")
}

// isReady reports whether the server can serve requests. The log has the cause.
func (h *operationHandlers) isReady(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := h.ready(ctx); err != nil {
		return &paycor.Error{Kind: paycor.KindUnavailable, Message: message.New("error.not-ready"), Err: err}
	}
	return writeText(w, "ready\n")
}

// robots keeps search engines out.
func (h *operationHandlers) robots(w http.ResponseWriter, _ *http.Request) error {
	return writeText(w, "User-agent: *\nDisallow: /\n")
}

// serveMetrics requires a token or session even from loopback: a reverse proxy
// and every program on this machine connect from there too.
func (h *operationHandlers) serveMetrics(w http.ResponseWriter, r *http.Request, _ api.Service) error {
	if h.metrics == nil {
		return notFound(r)
	}
	info := infoOf(r)
	caller := *info.caller
	caller.Rights = info.policy.granted(caller)
	handler, err := h.metrics(r.Context(), caller)
	if err != nil {
		return err
	}
	handler.ServeHTTP(w, r)
	return nil
}

// openAPI serves the API description with this server's version.
func (h *operationHandlers) openAPI(w http.ResponseWriter, r *http.Request) error {
	text := strings.Replace(OpenAPI(), "  - url: /\n", "  - url: "+infoOf(r).base+"/\n", 1)
	if h.version != "" {
		version, _ := json.Marshal(h.version) // a JSON string is a YAML string
		text = strings.Replace(text, "version: development", "version: "+string(version), 1)
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = io.WriteString(w, text)
	return nil
}

func writeText(w http.ResponseWriter, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text)
	return nil
}
