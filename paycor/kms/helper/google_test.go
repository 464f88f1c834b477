package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/api/option"

	"paycorcred/paycor/kms/protocol"
)

// googleServer answers as Cloud KMS does, by its documented REST protocol.
type googleServer struct {
	sealer cipher.AEAD
	status int // of each answer; 0 for what it does
	text   string
}

func newSealer(t *testing.T) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(make([]byte, 32))
	require.NoError(t, err)
	sealer, err := cipher.NewGCM(block)
	require.NoError(t, err)
	return sealer
}

// googleBytes are in either alphabet of base64, as Google's APIs take them.
type googleBytes []byte

func (b *googleBytes) UnmarshalJSON(text []byte) (err error) {
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.Trim(string(text), `"`))
	*b, err = base64.StdEncoding.DecodeString(plain)
	return err
}

func checksum(value []byte) string {
	return strconv.FormatUint(uint64(crc32.Checksum(value, crc32.MakeTable(crc32.Castagnoli))), 10)
}

func (s *googleServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Plaintext, Ciphertext, AdditionalAuthenticatedData googleBytes
	}
	_ = json.NewDecoder(r.Body).Decode(&request)
	w.Header().Set("Content-Type", "application/json")
	refuse := func(status int, text string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"code":%d,"message":%q}}`, status, text)
	}
	nonce := make([]byte, s.sealer.NonceSize())
	switch {
	case s.status != 0:
		refuse(s.status, s.text)
	case !strings.HasPrefix(r.URL.Path, "/v1/projects/p/locations/global/keyRings/r/cryptoKeys/k:"):
		refuse(http.StatusNotFound, "CryptoKey not found.")
	case strings.HasSuffix(r.URL.Path, ":encrypt"):
		sealed := s.sealer.Seal(nil, nonce, request.Plaintext, request.AdditionalAuthenticatedData)
		_ = json.NewEncoder(w).Encode(map[string]any{
			"ciphertext": sealed, "ciphertextCrc32c": checksum(sealed), "verifiedPlaintextCrc32c": true, "verifiedAdditionalAuthenticatedDataCrc32c": true,
		})
	default:
		text, err := s.sealer.Open(nil, nonce, request.Ciphertext, request.AdditionalAuthenticatedData)
		if err != nil {
			refuse(http.StatusBadRequest, "Decryption failed: verify that 'name' refers to the correct CryptoKey.")
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"plaintext": text, "plaintextCrc32c": checksum(text)})
	}
}

func TestGoogle(t *testing.T) {
	server := &googleServer{sealer: newSealer(t)}
	listening := httptest.NewServer(server)
	t.Cleanup(listening.Close)
	open := func(ctx context.Context, key string) (service, error) {
		return openGoogle(ctx, strings.TrimPrefix(key, "gcpkms://"), option.WithEndpoint(listening.URL), option.WithHTTPClient(listening.Client()))
	}
	const key = "gcpkms://projects/p/locations/global/keyRings/r/cryptoKeys/k"
	roundTrip(t, key, open)
	ask := func(key string) protocol.Code {
		_, err := answer(t.Context(), protocol.Request{Version: protocol.Version, Operation: protocol.Encrypt, Key: key, Text: []byte("a keyset")}, open)
		require.Error(t, err)
		return codeOf(err)
	}
	assert.Equal(t, protocol.Missing, ask(key+"2"))
	for status, want := range map[int]protocol.Code{401: protocol.Denied, 403: protocol.Denied, 400: protocol.Missing, 500: protocol.Failed} {
		server.status, server.text = status, "invented"
		assert.Equal(t, want, ask(key), status)
	}
	listening.Close()
	assert.Equal(t, protocol.Unreachable, ask(key))
}
