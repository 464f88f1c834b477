package web

import (
	"encoding/hex"
	"log/slog"
	"net/http"
	"time"
)

// RequestStats describes a finished request for metrics. No field contains
// anything the client chose freely.
type RequestStats struct {
	Route    string // pattern of the route; empty if none matched
	Method   string // a standard HTTP method, or "other"
	Status   int    // 0 if the client disconnected before the response
	Duration time.Duration
}

// responseRecorder records status and size of a response.
type responseRecorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader records the first final status.
func (w *responseRecorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (w *responseRecorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap supports http.ResponseController.
func (w *responseRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// logRequest writes one line per request. It never logs query, headers or
// body, which may contain secrets. It passes the record to the handler directly:
// slog.Logger would look up the caller's source line and the time again.
func logRequest(logger *slog.Logger, r *http.Request, w *responseRecorder, end time.Time, duration time.Duration) {
	info, level := infoOf(r), slog.LevelInfo
	switch info.route {
	case "GET /healthz", "GET /readyz", "GET /metrics":
		level = slog.LevelDebug // probes repeat every few seconds
	}
	handler := logger.Handler()
	if !handler.Enabled(r.Context(), level) {
		return
	}
	caller := ""
	if info.caller != nil {
		caller = info.caller.ID
	}
	record := slog.NewRecord(end, level, "request", 0)
	record.AddAttrs(
		slog.String("request_id", info.id), slog.String("trace_id", hex.EncodeToString(info.trace.ID[:])),
		slog.String("method", knownMethod(r.Method)), slog.String("route", info.route),
		slog.Int("status", w.status), slog.Int64("bytes", w.bytes), slog.Duration("took", duration),
		slog.String("from", info.clientIP), slog.String("caller", caller))
	if credential := info.credential(); credential != "" {
		record.AddAttrs(slog.String("credential", credential))
	}
	if info.errorCode != "" {
		record.AddAttrs(slog.String("code", info.errorCode))
	}
	_ = handler.Handle(r.Context(), record)
}
