package kms_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/kms"
	"paycorcred/paycor/kms/protocol"
	"paycorcred/paycor/message"
	"paycorcred/paycor/seal"
)

// helperVariable makes the test binary answer as paycorcred-kms. Its value says how. Those of
// paycorcred itself don't reach that program.
const helperVariable = "TEST_AS_PAYCORCRED_KMS"

func TestMain(m *testing.M) {
	if how := os.Getenv(helperVariable); how != "" {
		os.Exit(help(how))
	}
	os.Exit(m.Run())
}

// help answers one request. The key of another address has encrypted with another letter.
func help(how string) int {
	var request protocol.Request
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		return 1
	}
	response := protocol.Response{Version: protocol.Version}
	mark := []byte(request.Key + string(request.AssociatedData))
	switch {
	case how == "crash":
		fmt.Fprintln(os.Stderr, "out of memory")
		return 2
	case how == "other":
		response.Version++
	case how == "nothing":
		return 0
	case how == "huge":
		_, _ = os.Stdout.Write(bytes.Repeat([]byte("x"), 8<<20))
		return 0
	case how == "loud":
		_, _ = os.Stderr.Write(bytes.Repeat([]byte("\x1b[31m x"), 1<<20))
		return 1
	case how == "killed":
		self, _ := os.FindProcess(os.Getpid())
		_ = self.Kill()
		select {}
	case how == "empty":
	case how == "variables":
		response.Error = &protocol.Error{Code: protocol.Failed, Text: "AWS_PROFILE=" + os.Getenv("AWS_PROFILE") + os.Getenv("PAYCORCRED_DATABASE") + os.Getenv("PGPASSWORD")}
	case how != "works":
		response.Error = &protocol.Error{Code: protocol.Code(how), Text: "it said\nso"}
	case request.Operation == protocol.Encrypt:
		response.Text = append(mark, request.Text...)
	case bytes.HasPrefix(request.Text, mark):
		response.Text = request.Text[len(mark):]
	default:
		response.Error = &protocol.Error{Code: protocol.Rejected}
	}
	_ = json.NewEncoder(os.Stdout).Encode(response)
	return 0
}

const arn = "awskms://arn:aws:kms:us-east-1:111122223333:key/bc436485-5092-42b8-92a3-0aa8b93536dc"

func openCloud(t *testing.T, how string) seal.KEK {
	t.Helper()
	t.Setenv(helperVariable, how)
	kek, err := kms.Open(arn, kms.Options{Helper: os.Args[0]})
	require.NoError(t, err)
	return kek
}

func TestCloudEncrypts(t *testing.T) {
	kek := openCloud(t, "works")
	_, wrapped, err := seal.New(kek)
	require.NoError(t, err)
	assert.Equal(t, arn, wrapped.Wrapping().KMS)
	_, err = seal.Load(kek, wrapped)
	require.NoError(t, err)
	_, err = seal.Load(kek, seal.Wrapped{Values: wrapped.Fingerprints, Fingerprints: wrapped.Values})
	assert.ErrorIs(t, err, seal.ErrWrongKey)
}

func TestCloudSaysWhatIsWrong(t *testing.T) {
	for how, want := range map[string]string{
		"denied": "kms.cloud-denied", "missing": "kms.cloud-missing", "unreachable": "kms.unreachable", "failed": "kms.cloud-failed",
		"unsupported": "kms.helper-other", "other": "kms.helper-other", "nothing": "kms.helper-other", "crash": "kms.helper-failed",
		"huge": "kms.helper-other", "empty": "kms.helper-other", "loud": "kms.helper-failed", "killed": "kms.helper-failed",
	} {
		t.Run(how, func(t *testing.T) {
			_, err := openCloud(t, how).Encrypt([]byte("keys"), nil)
			require.ErrorAs(t, err, new(*seal.UnavailableError))
			said := message.Of(err)
			assert.Equal(t, want, said.Key)
			text := said.In(locale.English)
			assert.NotContains(t, text, "%!")
			assert.NotContains(t, text, "\n")
			assert.NotContains(t, text, "\x1b")
			assert.Less(t, len(text), 1000)
			if strings.HasPrefix(want, "kms.cloud") {
				assert.Contains(t, text, "it said so")
			}
			if how == "crash" {
				assert.Contains(t, text, "out of memory")
			}
		})
	}
	_, err := kms.Open(arn, kms.Options{Helper: filepath.Join(t.TempDir(), "paycorcred-kms")})
	assert.Equal(t, "kms.helper-missing", message.Of(err).Key)
	_, err = kms.Open(arn, kms.Options{})
	assert.Equal(t, "kms.helper-missing", message.Of(err).Key, "there is none beside the test")
}

// The libraries of clouds need variables, but none of those that have our passwords.
func TestCloudGetsNoPasswords(t *testing.T) {
	t.Setenv("PAYCORCRED_DATABASE", "postgres://paycorcred:canary@db.example.com/paycorcred")
	t.Setenv("PGPASSWORD", "canary")
	t.Setenv("AWS_PROFILE", "payroll")
	_, err := openCloud(t, "variables").Encrypt([]byte("keys"), nil)
	text := message.Of(err).In(locale.English)
	assert.Contains(t, text, "AWS_PROFILE=payroll")
	assert.NotContains(t, text, "canary")
}

func TestAddressesOfClouds(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		arn: true,
		"awskms://arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/paycorcred": true,
		"awskms://alias/paycorcred":                                                             false,
		"awskms://arn:aws:s3:us-east-1:111122223333:key/x":                                      false,
		"gcpkms://projects/p-1/locations/global/keyRings/ring/cryptoKeys/paycorcred":            true,
		"gcpkms://projects/p-1/locations/global/keyRings/ring/cryptoKeys/k/cryptoKeyVersions/1": false,
		"azurekms://creds.vault.azure.net/keys/paycorcred":                                      true,
		"azurekms://creds.vault.azure.net/secrets/paycorcred":                                   false,
		"azurekms://ann:canary@creds.vault.azure.net/keys/paycorcred":                           false,
	} {
		_, err := kms.Open(address, kms.Options{Helper: os.Args[0]})
		if want {
			assert.NoError(t, err, address)
		} else if assert.Error(t, err, address) {
			assert.Equal(t, "kms.cloud-address", message.Of(err).Key, address)
		}
	}
}
