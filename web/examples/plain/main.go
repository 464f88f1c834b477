// Command plain is an example of a site that embeds the credentials page: one
// HTML page, and a backend that signs a token whenever the page asks for one.
// It uses only the standard library, to show every step. README.md says how to
// run it.
package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

//go:embed page
var page embed.FS

func main() {
	var s site
	listen := flag.String("listen", "127.0.0.1:8090", "address to listen on")
	keys := flag.String("keys", ".data/plain", "directory of the key that signs the tokens")
	flag.StringVar(&s.Credentials, "credentials", "http://localhost:8080", "origin of the credentials server")
	flag.StringVar(&s.Host, "host", "plain-example", "id under which this site is registered there")
	flag.Parse()
	if err := s.run(*listen, *keys); err != nil {
		log.Fatal(err)
	}
}

// site is this example.
type site struct {
	Credentials string // origin of the credentials server
	Host        string // our ID at that server
	origin      string // ours
	key         ed25519.PrivateKey
}

func (s *site) run(listen, directory string) error {
	if err := s.loadKey(directory); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	s.origin = "http://" + listener.Addr().String()
	fmt.Printf("Register this site once:\n\n  bin/paycorcred host add --data .data --id %s --name 'Plain example' --origin %s --jwks %s --rights view,edit\n\nThen open %s\n",
		s.Host, s.origin, filepath.Join(directory, "jwks.json"), s.origin)
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
		token, err := s.token("ann", "view", "edit")
		if err != nil {
			http.Error(w, "no token", http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, token)
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// token signs a JWT (RFC 7519) with EdDSA.
func (s *site) token(person string, rights ...string) (string, error) {
	encode := base64.RawURLEncoding.EncodeToString
	header, err := json.Marshal(map[string]string{"alg": "EdDSA", "typ": "JWT", "kid": "plain-1"})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{
		"iss": s.Host, "aud": s.Credentials, "sub": person, "workspace": "default", "origin": s.origin, "rights": rights,
		"jti": rand.Text(), "exp": time.Now().Add(2 * time.Minute).Unix(),
	})
	if err != nil {
		return "", err
	}
	signed := encode(header) + "." + encode(claims)
	return signed + "." + encode(ed25519.Sign(s.key, []byte(signed))), nil
}

// loadKey reads the key, or creates it on the first start, and writes its
// public half to a file as a JWKS.
func (s *site) loadKey(directory string) error {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return err
	}
	path := filepath.Join(directory, "seed")
	seed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		seed = make([]byte, ed25519.SeedSize)
		_, _ = rand.Read(seed) // never fails
		err = os.WriteFile(path, seed, 0o600)
	}
	if err != nil {
		return err
	}
	if len(seed) != ed25519.SeedSize {
		return fmt.Errorf("%s is not a key: remove it, and another is made", path)
	}
	s.key = ed25519.NewKeyFromSeed(seed)
	public := s.key.Public().(ed25519.PublicKey)
	jwks, err := json.MarshalIndent(map[string]any{"keys": []any{map[string]string{
		"kty": "OKP", "crv": "Ed25519", "kid": "plain-1", "alg": "EdDSA", "use": "sig", "x": base64.RawURLEncoding.EncodeToString(public),
	}}}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, "jwks.json"), append(jwks, '\n'), 0o644)
}
