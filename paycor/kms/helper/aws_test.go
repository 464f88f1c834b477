package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/kms/protocol"
)

const keyID = "bc436485-5092-42b8-92a3-0aa8b93536dc"

// startAWS starts local-kms, which answers as AWS KMS does and was written by others.
func startAWS(t *testing.T) {
	t.Helper()
	program, err := filepath.Abs("../../../bin/local-kms")
	require.NoError(t, err)
	_, err = os.Stat(program)
	require.NoError(t, err, "local-kms is missing; install it with: make tools")
	directory := t.TempDir()
	seed := filepath.Join(directory, "seed.yaml")
	keys := fmt.Sprintf("Keys:\n  Symmetric:\n    Aes:\n      - Metadata:\n          KeyId: %s\n        BackingKeys:\n          - 5cdaead27fe7da2de47945d73cd6d79e36494e73802f3cd3869f1d2cb0b5d7a9\n", keyID)
	require.NoError(t, os.WriteFile(seed, []byte(keys), 0o600))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	server := exec.CommandContext(t.Context(), program)
	server.Env = append(os.Environ(), "PORT="+port, "KMS_SEED_PATH="+seed, "KMS_DATA_PATH="+directory, "KMS_REGION=us-east-1", "KMS_ACCOUNT_ID=111122223333")
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	address := "http://127.0.0.1:" + port
	require.Eventually(t, func() bool {
		response, err := http.Get(address)
		if err == nil {
			_ = response.Body.Close()
		}
		return err == nil
	}, time.Minute, 20*time.Millisecond)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_KMS": address, "AWS_ACCESS_KEY_ID": "invented", "AWS_SECRET_ACCESS_KEY": "invented", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_MAX_ATTEMPTS": "1", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	} {
		t.Setenv(name, value)
	}
}

func TestAWS(t *testing.T) {
	startAWS(t)
	const key = "awskms://arn:aws:kms:us-east-1:111122223333:key/" + keyID
	sealed := roundTrip(t, key, open)
	ask := func(key string, text []byte) protocol.Code {
		_, err := answer(t.Context(), protocol.Request{Version: protocol.Version, Operation: protocol.Decrypt, Key: key, Text: text, AssociatedData: []byte("for values")}, open)
		require.Error(t, err)
		return codeOf(err)
	}
	assert.Equal(t, protocol.Rejected, ask(key, append([]byte("other"), sealed...)))
	_, err := answer(context.Background(), protocol.Request{
		Version: protocol.Version, Operation: protocol.Encrypt, Key: "awskms://arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000000", Text: sealed,
	}, open)
	assert.Equal(t, protocol.Missing, codeOf(err), "%v", err)
	t.Setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:1")
	assert.Equal(t, protocol.Unreachable, ask(key, sealed))
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	assert.Equal(t, protocol.Denied, ask(key, sealed), "there are no credentials")
}
