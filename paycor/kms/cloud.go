package kms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor/kms/protocol"
	"paycorcred/paycor/message"
	"paycorcred/paycor/seal"
)

// clouds are the schemes of keys that paycorcred-kms asks for, with the form of what follows.
var clouds = map[string]*regexp.Regexp{
	"awskms":   regexp.MustCompile(`^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:(key|alias)/[\w/-]+$`),
	"gcpkms":   regexp.MustCompile(`^projects/[\w.:-]+/locations/[\w-]+/keyRings/[\w-]+/cryptoKeys/[\w-]+$`),
	"azurekms": regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*/keys/[0-9A-Za-z-]+$`),
}

const (
	// helperName is the program that asks the KMS of a cloud. It is beside this one.
	helperName = "paycorcred-kms"

	// helperTimeout is how long it may take. Keys are changed in a transaction of the
	// database, which waits as long.
	helperTimeout = 8 * time.Second

	// maxOutput is how much is kept of what it writes, in bytes, far above any keyset.
	maxOutput = 1 << 20
)

// cloud encrypts with a key in the KMS of a cloud.
type cloud struct {
	address string // of the key
	helper  string // path of the program
}

func openCloud(address, helper string) (seal.KEK, error) {
	if helper == "" {
		own, err := os.Executable()
		if err != nil {
			return nil, message.Wrapf(err, "kms.helper-missing", helperName)
		}
		helper = filepath.Join(filepath.Dir(own), helperName)
		if runtime.GOOS == "windows" {
			helper += ".exe"
		}
	}
	if info, err := os.Stat(helper); err != nil || info.IsDir() {
		return nil, message.Wrapf(err, "kms.helper-missing", helper)
	}
	return seal.NewKMS(address, &cloud{address, helper})
}

// Encrypt implements tink.AEAD.
func (c *cloud) Encrypt(plaintext, associatedData []byte) ([]byte, error) {
	return c.ask(protocol.Encrypt, plaintext, associatedData)
}

// Decrypt implements tink.AEAD.
func (c *cloud) Decrypt(ciphertext, associatedData []byte) ([]byte, error) {
	return c.ask(protocol.Decrypt, ciphertext, associatedData)
}

// ask runs the program for one request. Its environment has the credentials for the cloud
// and the proxies.
func (c *cloud) ask(operation protocol.Operation, text, associatedData []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), helperTimeout)
	defer cancel()
	request, err := json.Marshal(protocol.Request{
		Version: protocol.Version, Operation: operation, Key: c.address, Text: text, AssociatedData: associatedData,
	})
	if err != nil {
		return nil, err
	}
	program := exec.CommandContext(ctx, c.helper) //nolint:gosec // beside this program
	program.WaitDelay = time.Second
	program.Env = environment()
	var answer, said beginning
	program.Stdin, program.Stdout, program.Stderr = bytes.NewReader(request), &answer, &said
	err = program.Run()
	var response protocol.Response
	switch {
	case ctx.Err() != nil:
		return nil, message.Wrapf(ctx.Err(), "kms.unreachable", c.address, message.New("kms.cloud-slow"))
	case errors.Is(err, fs.ErrNotExist):
		return nil, message.Wrapf(err, "kms.helper-missing", c.helper)
	case err != nil:
		return nil, message.Wrapf(err, "kms.helper-failed", c.helper, shortened(err.Error()+": "+string(said.bytes)))
	}
	if err := json.Unmarshal(answer.bytes, &response); err != nil || response.Version != protocol.Version {
		return nil, message.Errorf("kms.helper-other", c.helper)
	}
	if response.Error != nil {
		return nil, c.refusal(response.Error)
	}
	if len(response.Text) == 0 {
		return nil, message.Errorf("kms.helper-other", c.helper)
	}
	return response.Text, nil
}

// refusal returns what an error of the program means.
func (c *cloud) refusal(refused *protocol.Error) error {
	said := shortened(refused.Text)
	switch refused.Code {
	case protocol.Denied:
		return message.Errorf("kms.cloud-denied", c.address, said)
	case protocol.Missing:
		return message.Errorf("kms.cloud-missing", c.address, said)
	case protocol.Unreachable:
		return message.Errorf("kms.unreachable", c.address, said)
	case protocol.Rejected:
		return seal.ErrRejected
	case protocol.Unsupported:
		return message.Errorf("kms.helper-other", c.helper)
	}
	return message.Errorf("kms.cloud-failed", c.address, said)
}

// environment returns the variables of this program without its own, and without those of
// PostgreSQL: they may have passwords, which are no business of a cloud's library.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "PAYCORCRED_") || strings.HasPrefix(variable, "PG")
	})
}

// beginning keeps the first bytes that are written to it.
type beginning struct{ bytes []byte }

// Write implements io.Writer. It never fails.
func (b *beginning) Write(text []byte) (int, error) {
	b.bytes = append(b.bytes, text[:min(len(text), maxOutput-len(b.bytes))]...)
	return len(text), nil
}
