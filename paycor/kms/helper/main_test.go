package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/kms/protocol"
)

// codeOf returns the code of an error of a request.
func codeOf(err error) protocol.Code {
	if refused, is := err.(*protocol.Error); is {
		return refused.Code
	}
	return ""
}

// roundTrip encrypts and decrypts with a key, and asserts that it binds associated data.
func roundTrip(t *testing.T, key string, open func(context.Context, string) (service, error)) (sealed []byte) {
	t.Helper()
	ask := func(operation protocol.Operation, text []byte, data string) ([]byte, error) {
		return answer(t.Context(), protocol.Request{Version: protocol.Version, Operation: operation, Key: key, Text: text, AssociatedData: []byte(data)}, open)
	}
	sealed, err := ask(protocol.Encrypt, []byte("a keyset"), "for values")
	require.NoError(t, err)
	assert.NotContains(t, string(sealed), "a keyset")
	opened, err := ask(protocol.Decrypt, sealed, "for values")
	require.NoError(t, err)
	assert.Equal(t, "a keyset", string(opened))
	_, err = ask(protocol.Decrypt, sealed, "for fingerprints")
	assert.Equal(t, protocol.Rejected, codeOf(err), "%v", err)
	return sealed
}

func TestRequestsThatAreNone(t *testing.T) {
	for request, want := range map[string]protocol.Code{
		`{"version": 2}`: protocol.Unsupported,
		`{"version": 1, "operation": "encrypt", "key": "x://"}`: protocol.Unsupported,
	} {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), strings.NewReader(request), &out))
		var response protocol.Response
		require.NoError(t, json.Unmarshal(out.Bytes(), &response))
		require.NotNil(t, response.Error, request)
		assert.Equal(t, want, response.Error.Code)
		assert.Equal(t, protocol.Version, response.Version)
	}
	require.Error(t, run(t.Context(), strings.NewReader("--help"), new(bytes.Buffer)))
}
