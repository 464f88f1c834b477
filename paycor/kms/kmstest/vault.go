// Package kmstest has key management services for tests.
package kmstest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Token is the token that a Vault accepts.
const Token = "hvs.invented"

// Vault answers as the transit engine of HashiCorp Vault 1.21 and of OpenBao does, mounted
// at transit.
type Vault struct {
	*httptest.Server

	mu       sync.Mutex
	keys     map[string]cipher.AEAD
	kinds    map[string]string // of keys that encrypt without associated data
	requests []*http.Request
	answer   func(http.ResponseWriter) bool // replaces answers while it returns true
}

// StartVault starts a Vault with a key of the name "paycorcred", without TLS.
func StartVault(t testing.TB) *Vault {
	v := NewVault()
	v.Server = httptest.NewServer(v)
	t.Cleanup(v.Close)
	return v
}

// NewVault returns the handler of a Vault with a key of the name "paycorcred".
func NewVault() *Vault {
	v := &Vault{keys: map[string]cipher.AEAD{}, kinds: map[string]string{}}
	v.CreateKey("paycorcred")
	return v
}

// CreateKey creates a key, or replaces it by another one of its name.
func (v *Vault) CreateKey(name string) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	sealer, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keys[name] = sealer
}

// CreateKeyOfKind creates a key of a type that takes no associated data.
func (v *Vault) CreateKeyOfKind(name, kind string) {
	v.CreateKey(name)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kinds[name] = kind
}

// Has reports whether there is a key.
func (v *Vault) Has(name string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.keys[name] != nil
}

// Key returns the URL of a key.
func (v *Vault) Key(name string) string {
	return "vault-transit+" + v.URL + "/transit/" + name
}

// Requests returns how many requests there were.
func (v *Vault) Requests() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.requests)
}

// LastRequest returns the latest request.
func (v *Vault) LastRequest() *http.Request {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.requests[len(v.requests)-1]
}

// Answer replaces the answers while answer returns true. nil ends that.
func (v *Vault) Answer(answer func(http.ResponseWriter) bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answer = answer
}

// Fail makes the Vault answer with a status and a text.
func (v *Vault) Fail(status int, text string) {
	v.Answer(func(w http.ResponseWriter) bool { refuse(w, status, text); return true })
}

// TokenFile writes a file with the token.
func TokenFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(Token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func refuse(w http.ResponseWriter, status int, texts ...string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": texts})
}

// vaultRequest is the body of a request. What is binary is in base64.
type vaultRequest struct {
	Plaintext      []byte `json:"plaintext"`
	Ciphertext     string `json:"ciphertext"`
	AssociatedData []byte `json:"associated_data"`
}

// ServeHTTP implements http.Handler.
func (v *Vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.requests = append(v.requests, r)
	if v.answer != nil && v.answer(w) {
		return
	}
	var request vaultRequest
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		refuse(w, http.StatusBadRequest, "failed to parse JSON input: "+err.Error())
		return
	}
	if r.Header.Get("X-Vault-Token") != Token {
		refuse(w, http.StatusForbidden, "permission denied")
		return
	}
	route := strings.TrimPrefix(r.URL.Path, "/v1/")
	parts := strings.Split(route, "/")
	if len(parts) != 3 || parts[0] != "transit" {
		refuse(w, http.StatusNotFound, fmt.Sprintf("no handler for route %q. route entry not found.", route))
		return
	}
	operation, name := parts[1], parts[2]
	sealer := v.keys[name]
	if sealer == nil && operation == "decrypt" {
		refuse(w, http.StatusBadRequest, "encryption key not found")
		return
	}
	if kind := v.kinds[name]; kind != "" && request.AssociatedData != nil {
		refuse(w, http.StatusBadRequest, "'[0].associated_data' provided for non-AEAD cipher suite "+kind)
		return
	}
	var data map[string]any
	switch operation {
	case "encrypt":
		if sealer == nil { // a token that may create keys creates one
			refuse(w, http.StatusInternalServerError, "a key would be created")
			return
		}
		nonce := make([]byte, sealer.NonceSize())
		_, _ = rand.Read(nonce)
		sealed := sealer.Seal(nonce, nonce, request.Plaintext, request.AssociatedData)
		data = map[string]any{"ciphertext": "vault:v1:" + base64.StdEncoding.EncodeToString(sealed), "key_version": 1}
	case "decrypt":
		sealed, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(request.Ciphertext, "vault:v1:"))
		if err != nil || len(sealed) < sealer.NonceSize() {
			refuse(w, http.StatusBadRequest, "invalid ciphertext: could not decode base64")
			return
		}
		text, err := sealer.Open(nil, sealed[:sealer.NonceSize()], sealed[sealer.NonceSize():], request.AssociatedData)
		if err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		data = map[string]any{"plaintext": text}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}
