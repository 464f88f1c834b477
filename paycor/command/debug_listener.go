package command

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"expvar"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/textfile"
	"paycorcred/web"
)

// minDebugToken is the least number of characters of the token for the debug listener.
const minDebugToken = 20

// debugOptions are the flags of the second listener, with profiles of the running server.
type debugOptions struct {
	DebugListen    string `help:"cli.help.debug-listen" placeholder:"ADDR"`
	DebugTokenFile string `help:"cli.help.debug-token-file" placeholder:"FILE"`
}

// problems returns what is wrong with the flags, and how to fix it. secure reports whether
// the server has a TLS certificate of its own.
func (d debugOptions) problems(secure bool) (wrong []string) {
	if d.DebugTokenFile != "" {
		if _, err := d.token(); err != nil {
			wrong = append(wrong, explain(err))
		}
	}
	if d.DebugListen == "" {
		return wrong
	}
	host, _, err := web.SplitAddress(d.DebugListen)
	switch {
	case err != nil:
		wrong = append(wrong, say("cli.debug-listen-malformed", d.DebugListen))
	case paycor.Loopback(host):
	case d.DebugTokenFile == "":
		wrong = append(wrong, say("cli.debug-listen-token", d.DebugListen))
	case !secure:
		wrong = append(wrong, say("cli.debug-listen-tls", d.DebugListen))
	}
	return wrong
}

// token reads the token, which is empty if none is required.
func (d debugOptions) token() (string, error) {
	if d.DebugTokenFile == "" {
		return "", nil
	}
	text, err := textfile.Read(d.DebugTokenFile)
	if err != nil {
		return "", message.Wrapf(err, "cli.debug-token-unreadable", d.DebugTokenFile, textfile.Cause(err))
	}
	token := strings.TrimSpace(string(text))
	if len(token) < minDebugToken || strings.ContainsAny(token, " \r\n\t") {
		return "", message.Errorf("cli.debug-token-short", d.DebugTokenFile, minDebugToken)
	}
	return token, nil
}

// serveDebug serves profiles and runtime figures until ctx ends. It does nothing without
// --debug-listen.
func (d debugOptions) serveDebug(ctx context.Context, settings web.ListenSettings, terminal terminal) error {
	if d.DebugListen == "" {
		return nil
	}
	token, err := d.token()
	if err != nil {
		return err
	}
	listeners, err := web.Listen(ctx, d.DebugListen)
	if err != nil {
		return listenError("--debug-listen", d.DebugListen, err)
	}
	server := &http.Server{Handler: debugHandler(token), ReadHeaderTimeout: web.HeaderTimeout, MaxHeaderBytes: web.MaxHeaderBytes}
	settings.ConfigureTLS(server, terminal.log)
	context.AfterFunc(ctx, func() { _ = server.Close() })
	for _, listener := range listeners {
		terminal.log.InfoContext(ctx, "profiles and runtime figures are served", "address", endpointOf(listener, settings.Certificates != nil).String()+"/debug/")
		go func() {
			if err := settings.Serve(server, listener); err != nil && ctx.Err() == nil {
				terminal.log.Error("the debug listener stopped", "error", err)
			}
		}()
	}
	return nil
}

// debugHandler serves profiles and runtime figures to callers with the token. Without one it
// serves programs on this machine, and no page that a browser on it opens under another name.
func debugHandler(token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index) // and the profiles by name
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/vars", writeFigures)
	mux.HandleFunc("GET /debug/{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "/debug/pprof/\n/debug/vars\n") })
	want := sha256.Sum256([]byte("Bearer " + token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			name = strings.Trim(r.Host, "[]")
		}
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		switch {
		case token == "" && !paycor.Loopback(strings.ToLower(name)):
			http.Error(w, "open this listener as localhost", http.StatusMisdirectedRequest)
		case token != "" && subtle.ConstantTimeCompare(got[:], want[:]) != 1:
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "the token of --debug-token-file is missing or wrong", http.StatusUnauthorized)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// writeFigures writes the runtime's figures as JSON, like expvar.Handler but without the
// command line.
func writeFigures(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	separator := "{"
	expvar.Do(func(figure expvar.KeyValue) {
		if figure.Key != "cmdline" {
			fmt.Fprintf(w, "%s\n%q: %s", separator, figure.Key, figure.Value)
			separator = ","
		}
	})
	fmt.Fprint(w, "\n}\n")
}
