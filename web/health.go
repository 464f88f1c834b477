package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"paycorcred/paycor"
)

// readyPatience is how long readiness may take to find out.
const readyPatience = 5 * time.Second

// healthz tells that the process answers.
func (d *door) healthz(w http.ResponseWriter, _ *http.Request) error {
	return writeText(w, "ok\n")
}

// readyz tells whether requests can be served. The cause is for the log.
func (d *door) readyz(w http.ResponseWriter, r *http.Request) error {
	ctx, stop := context.WithTimeout(r.Context(), readyPatience)
	defer stop()
	if err := d.Ready(ctx); err != nil {
		return &paycor.Error{Kind: paycor.KindUnavailable, Message: "Not ready. The server's log says why.", Err: err}
	}
	return writeText(w, "ready\n")
}

// robots keeps search engines out.
func (d *door) robots(w http.ResponseWriter, _ *http.Request) error {
	return writeText(w, "User-agent: *\nDisallow: /\n")
}

func writeText(w http.ResponseWriter, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text)
	return nil
}
