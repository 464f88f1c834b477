package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"paycorcred/paycor/kms/protocol"
)

// azure is a key in Azure Key Vault. Its RSA keys encrypt less than a keyset, so they wrap a
// key of each text, which encrypts it with associated data.
type azure struct {
	client *azkeys.Client
	name   string
}

// azureText is a text that was encrypted.
type azureText struct {
	Version    string `json:"version"` // of the key in Key Vault
	Key        []byte `json:"key"`     // wrapped
	Ciphertext []byte `json:"ciphertext"`
}

// azureKeySize is the size in bytes of the key of each text.
const azureKeySize = 32

func openAzure(key string) (service, error) {
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return nil, &protocol.Error{Code: protocol.Denied, Text: err.Error()}
	}
	return newAzure(key, credential, nil)
}

func newAzure(key string, credential azcore.TokenCredential, options *azkeys.ClientOptions) (service, error) {
	host, name, _ := strings.Cut(key, "/keys/")
	client, err := azkeys.NewClient("https://"+host, credential, options)
	if err != nil {
		return nil, err
	}
	return &azure{client, name}, nil
}

// parameters are of wrapping and unwrapping a key.
func parameters(value []byte) azkeys.KeyOperationParameters {
	algorithm := azkeys.EncryptionAlgorithmRSAOAEP256
	return azkeys.KeyOperationParameters{Algorithm: &algorithm, Value: value}
}

// EncryptWithContext implements tink.AEADWithContext.
func (a *azure) EncryptWithContext(ctx context.Context, plaintext, associatedData []byte) ([]byte, error) {
	key := make([]byte, azureKeySize)
	_, _ = rand.Read(key) // never fails
	sealer, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, err
	}
	ciphertext, err := sealer.Encrypt(plaintext, associatedData)
	if err != nil {
		return nil, err
	}
	wrapped, err := a.client.WrapKey(ctx, a.name, "", parameters(key), nil)
	if err != nil {
		return nil, err
	}
	if wrapped.KID == nil {
		return nil, errors.New("the answer does not say which version of the key was used")
	}
	return json.Marshal(azureText{Version: wrapped.KID.Version(), Key: wrapped.Result, Ciphertext: ciphertext})
}

// errAzureText means that EncryptWithContext did not make a text.
var errAzureText = errors.New("the text was not encrypted with this key")

// DecryptWithContext implements tink.AEADWithContext.
func (a *azure) DecryptWithContext(ctx context.Context, ciphertext, associatedData []byte) ([]byte, error) {
	var text azureText
	if err := json.Unmarshal(ciphertext, &text); err != nil {
		return nil, fmt.Errorf("%w: %w", errAzureText, err)
	}
	unwrapped, err := a.client.UnwrapKey(ctx, a.name, text.Version, parameters(text.Key), nil)
	if err != nil {
		return nil, err
	}
	sealer, err := subtle.NewAESGCM(unwrapped.Result)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAzureText, err)
	}
	plaintext, err := sealer.Decrypt(text.Ciphertext, associatedData)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAzureText, err)
	}
	return plaintext, nil
}

func (*azure) code(err error) protocol.Code {
	if errors.Is(err, errAzureText) {
		return protocol.Rejected
	}
	if _, is := errors.AsType[*azidentity.AuthenticationFailedError](err); is {
		return protocol.Denied
	}
	said, is := errors.AsType[*azcore.ResponseError](err)
	if !is {
		return unreachedCode(err)
	}
	switch said.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return protocol.Denied
	case http.StatusNotFound:
		return protocol.Missing
	case http.StatusBadRequest:
		return protocol.Rejected
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return protocol.Unreachable
	}
	return protocol.Failed
}
