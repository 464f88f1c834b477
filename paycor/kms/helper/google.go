package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/tink-crypto/tink-go-gcpkms/v2/integration/gcpkms"
	"github.com/tink-crypto/tink-go/v2/tink"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"paycorcred/paycor/kms/protocol"
)

// google is Google Cloud KMS, asked by REST.
type google struct{ tink.AEAD }

func openGoogle(ctx context.Context, key string, options ...option.ClientOption) (service, error) {
	address := "gcp-kms://" + key
	client, err := gcpkms.NewClient(ctx, address, gcpkms.WithTransport(gcpkms.TransportREST), gcpkms.WithGoogleAPIClientOptions(options...))
	if err != nil {
		return nil, &protocol.Error{Code: protocol.Denied, Text: err.Error()} // there are no credentials
	}
	opened, err := client.GetAEAD(address)
	if err != nil {
		return nil, &protocol.Error{Code: protocol.Missing, Text: err.Error()}
	}
	return google{opened}, nil
}

func (g google) EncryptWithContext(_ context.Context, plaintext, associatedData []byte) ([]byte, error) {
	return g.Encrypt(plaintext, associatedData)
}

func (g google) DecryptWithContext(_ context.Context, ciphertext, associatedData []byte) ([]byte, error) {
	return g.Decrypt(ciphertext, associatedData)
}

func (google) code(err error) protocol.Code {
	said, is := errors.AsType[*googleapi.Error](err)
	if !is {
		return unreachedCode(err)
	}
	switch {
	case said.Code == http.StatusUnauthorized, said.Code == http.StatusForbidden:
		return protocol.Denied
	case said.Code == http.StatusNotFound:
		return protocol.Missing
	case said.Code == http.StatusBadRequest && strings.Contains(said.Message, "Decryption failed"):
		return protocol.Rejected
	case said.Code == http.StatusBadRequest: // such as a key that is disabled or for signatures
		return protocol.Missing
	case said.Code == http.StatusTooManyRequests, said.Code == http.StatusServiceUnavailable:
		return protocol.Unreachable
	}
	return protocol.Failed
}
