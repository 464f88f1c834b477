// Command paycorcred-kms encrypts and decrypts with a key in the KMS of a cloud, for
// paycorcred. It is a program and a module of its own, so that the server has none of the
// clouds' libraries. Package protocol says how it is asked.
//
// Credentials come from where the clouds' own tools have them: the environment, a workload
// identity or the metadata of the machine.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tink-crypto/tink-go/v2/tink"

	"paycorcred/paycor/kms/protocol"
)

// maxRequest is the size of the largest request in bytes, far above any keyset.
const maxRequest = 1 << 20

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "paycorcred-kms:", err)
		os.Exit(1)
	}
}

// run answers one request.
func run(ctx context.Context, in io.Reader, out io.Writer) error {
	var request protocol.Request
	if err := json.NewDecoder(io.LimitReader(in, maxRequest)).Decode(&request); err != nil {
		return fmt.Errorf("paycorcred runs this program by itself; its input is no request: %w", err)
	}
	response := protocol.Response{Version: protocol.Version}
	text, err := answer(ctx, request, open)
	if refused, is := errors.AsType[*protocol.Error](err); is {
		response.Error = refused
	} else if err != nil {
		response.Error = &protocol.Error{Code: protocol.Failed, Text: err.Error()}
	}
	response.Text = text
	return json.NewEncoder(out).Encode(response)
}

// service is the KMS of a cloud.
type service interface {
	tink.AEADWithContext

	// code says what an error of the service means.
	code(err error) protocol.Code
}

// answer does what a request asks for.
func answer(ctx context.Context, request protocol.Request, open func(context.Context, string) (service, error)) ([]byte, error) {
	if request.Version != protocol.Version {
		return nil, &protocol.Error{Code: protocol.Unsupported, Text: fmt.Sprintf("version %d of the protocol", request.Version)}
	}
	opened, err := open(ctx, request.Key)
	if err != nil {
		return nil, err
	}
	var text []byte
	switch request.Operation {
	case protocol.Encrypt:
		text, err = opened.EncryptWithContext(ctx, request.Text, request.AssociatedData)
	case protocol.Decrypt:
		text, err = opened.DecryptWithContext(ctx, request.Text, request.AssociatedData)
	default:
		return nil, &protocol.Error{Code: protocol.Unsupported, Text: fmt.Sprintf("the operation %q", request.Operation)}
	}
	if err != nil {
		return nil, &protocol.Error{Code: opened.code(err), Text: err.Error()}
	}
	return text, nil
}

// open returns the KMS that has a key.
func open(ctx context.Context, key string) (service, error) {
	scheme, rest, _ := strings.Cut(key, "://")
	switch scheme {
	case "awskms":
		return openAWS(ctx, rest)
	case "gcpkms":
		return openGoogle(ctx, rest)
	case "azurekms":
		return openAzure(rest)
	}
	return nil, &protocol.Error{Code: protocol.Unsupported, Text: fmt.Sprintf("the scheme %q", scheme)}
}
