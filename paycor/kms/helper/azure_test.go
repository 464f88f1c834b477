package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/kms/protocol"
)

// credential is one of Azure, without a server that gives it.
type credential struct{}

func (credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "invented", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// azureServer answers as Key Vault does, by its documented REST protocol.
type azureServer struct {
	key    *rsa.PrivateKey
	status int // of each answer; 0 for what it does
}

func (s *azureServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.Header.Get("Authorization") == "" {
		w.Header().Set("WWW-Authenticate", `Bearer authorization="https://login.example.com/tenant", resource="https://vault.azure.net"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var request struct{ Alg, Value string }
	_ = json.NewDecoder(r.Body).Decode(&request)
	value, _ := base64.RawURLEncoding.DecodeString(request.Value)
	refuse := func(status int) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"code":"Invented","message":"invented"}}`)
	}
	var result []byte
	var err error
	switch {
	case s.status != 0:
		refuse(s.status)
		return
	case r.URL.Path == "/keys/k/wrapkey" || r.URL.Path == "/keys/k//wrapkey":
		result, err = rsa.EncryptOAEP(sha256.New(), rand.Reader, &s.key.PublicKey, value, nil)
	case r.URL.Path == "/keys/k/v1/unwrapkey":
		result, err = rsa.DecryptOAEP(sha256.New(), nil, s.key, value, nil)
	default:
		refuse(http.StatusNotFound)
		return
	}
	if err != nil || request.Alg != "RSA-OAEP-256" {
		refuse(http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"kid": "https://" + r.Host + "/keys/k/v1", "value": base64.RawURLEncoding.EncodeToString(result)})
}

func TestAzure(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	server := &azureServer{key: key}
	listening := httptest.NewTLSServer(server)
	t.Cleanup(listening.Close)
	open := func(_ context.Context, key string) (service, error) {
		options := &azkeys.ClientOptions{DisableChallengeResourceVerification: true}
		options.Transport, options.Retry.MaxRetries = listening.Client(), -1
		return newAzure(strings.TrimPrefix(key, "azurekms://"), credential{}, options)
	}
	address := "azurekms://" + listening.Listener.Addr().String() + "/keys/k"
	sealed := roundTrip(t, address, open)
	ask := func(key string, operation protocol.Operation, text []byte) protocol.Code {
		_, err := answer(t.Context(), protocol.Request{Version: protocol.Version, Operation: operation, Key: key, Text: text, AssociatedData: []byte("for values")}, open)
		require.Error(t, err)
		return codeOf(err)
	}
	assert.Equal(t, protocol.Missing, ask(address+"2", protocol.Encrypt, nil))
	assert.Equal(t, protocol.Rejected, ask(address, protocol.Decrypt, []byte("no text")))
	var text azureText
	require.NoError(t, json.Unmarshal(sealed, &text))
	text.Key[0] ^= 1
	changed, err := json.Marshal(text)
	require.NoError(t, err)
	assert.Equal(t, protocol.Rejected, ask(address, protocol.Decrypt, changed))
	for status, want := range map[int]protocol.Code{403: protocol.Denied, 500: protocol.Failed, 503: protocol.Unreachable} {
		server.status = status
		assert.Equal(t, want, ask(address, protocol.Encrypt, nil), status)
	}
	listening.Close()
	assert.Equal(t, protocol.Unreachable, ask(address, protocol.Encrypt, nil))
}
