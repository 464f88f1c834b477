// Command plain is an example of a site that embeds the credentials page: one
// HTML page, and a backend that gets a one-time token whenever the page asks for
// one. It uses only the standard library, to show every step. README.md says how
// to run it.
package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"flag"
	"fmt"
	"html/template"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

//go:embed page
var page embed.FS

func main() {
	var s site
	listen := flag.String("listen", "127.0.0.1:8090", "address to listen on")
	flag.StringVar(&s.Credentials, "credentials", "http://localhost:8080", "origin of the credentials server")
	flag.StringVar(&s.Host, "host", "plain-example", "id under which this site is registered there")
	flag.StringVar(&s.tokenFile, "token-file", ".data/plain.token", "file with an API token of the credentials server")
	flag.Parse()
	if err := s.run(*listen); err != nil {
		log.Fatal(err)
	}
}

// site is this example.
type site struct {
	Credentials string // origin of the credentials server
	Host        string // our ID at that server
	origin      string // ours
	tokenFile   string
}

func (s *site) run(listen string) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	s.origin = "http://" + listener.Addr().String()
	fmt.Printf(`Register this site once:

  bin/paycorcred host add --data .data --id %s --name 'Plain example' --origin %s --rights view,edit
  bin/paycorcred token create --data .data --name 'Plain example' --rights embed > %s

Then open %s
`, s.Host, s.origin, s.tokenFile, s.origin)
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}

func (s *site) handler() http.Handler {
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // the directory is embedded
	}
	shell := template.Must(template.ParseFS(files, "index.html"))
	mux := http.NewServeMux()
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(files)))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		// The strictest possible policy: only the module and the frame are
		// allowed.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self' "+s.Credentials+"; frame-src "+s.Credentials+
			"; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := shell.Execute(w, s); err != nil {
			log.Print(err)
		}
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		// A real site checks here who is signed in, and grants the rights of
		// that person.
		token, err := s.token(r.Context(), "ann", "Ann Example", "view", "edit")
		if err != nil {
			log.Print(err)
			http.Error(w, "no token", http.StatusBadGateway)
			return
		}
		fmt.Fprint(w, token)
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// token gets a one-time token for a person.
func (s *site) token(ctx context.Context, person, name string, rights ...string) (string, error) {
	apiToken, err := os.ReadFile(s.tokenFile)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(map[string]any{"host": s.Host, "origin": s.origin, "subject": person, "name": name, "rights": rights})
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Credentials+"/api/v1/embed/sessions", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+string(bytes.TrimSpace(apiToken)))
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var answer struct{ Token, Detail string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("no token: %s", answer.Detail)
	}
	return answer.Token, nil
}
