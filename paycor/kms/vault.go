package kms

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/egress"
	"paycorcred/paycor/message"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/textfile"
)

// Schemes of the transit engine of HashiCorp Vault and OpenBao, with and without TLS.
const (
	schemeVault      = "vault-transit"
	schemePlainVault = "vault-transit+http"
)

const (
	vaultPort = "8200"

	// maxVaultAnswer is how much of an answer is read, in bytes, far above any keyset.
	maxVaultAnswer = 1 << 20
)

// A request is tried again when the server may answer it a moment later. Keys are changed in
// a transaction of the database, which waits as long.
const (
	vaultAttempts = 3
	vaultTimeout  = 3 * time.Second
	vaultPause    = 200 * time.Millisecond // before the second attempt, and twice as long before the third
)

// vault encrypts with a key of the transit engine.
type vault struct {
	address   string // of the key, as people write it
	base      *url.URL
	mount     string
	key       string
	namespace string
	tokenFile string
	client    *http.Client

	namespaceFlag string // that sets namespace
}

func openVault(address *url.URL, options Options) (seal.KEK, error) {
	mount, key, ok := cutLast(strings.Trim(address.Path, "/"))
	if !ok || address.Hostname() == "" || address.Opaque != "" || !isPlainPath(address) {
		return nil, message.Errorf("kms.address")
	}
	if address.Scheme == schemePlainVault && !paycor.Loopback(address.Hostname()) {
		return nil, message.Errorf("kms.plain")
	}
	flags := cmp.Or(options.Flags, "--kek")
	if options.TokenFile == "" {
		return nil, message.Errorf("kms.token-missing", flags+"-token-file")
	}
	host := strings.ToLower(address.Host)
	if address.Port() == "" {
		host = net.JoinHostPort(strings.ToLower(address.Hostname()), vaultPort)
	}
	v := &vault{
		address: address.Scheme + "://" + host + "/" + mount + "/" + key,
		base:    &url.URL{Scheme: "https", Host: host},
		mount:   mount, key: key, namespace: options.Namespace, tokenFile: options.TokenFile, namespaceFlag: flags + "-namespace",
		client: &http.Client{Transport: options.Egress.Transport(), CheckRedirect: egress.NoRedirects, Timeout: vaultTimeout},
	}
	if address.Scheme == schemePlainVault {
		v.base.Scheme = "http"
	}
	return seal.NewKMS(v.address, v)
}

// isPlainPath reports whether the path of an address can have one meaning only: no part is
// empty or relative, and nothing in it has to be encoded.
func isPlainPath(address *url.URL) bool {
	relative := func(part string) bool { return part == "" || part == "." || part == ".." }
	return address.EscapedPath() == address.Path && !slices.ContainsFunc(strings.Split(strings.Trim(address.Path, "/"), "/"), relative)
}

// cutLast cuts the last part off a path.
func cutLast(path string) (before, last string, ok bool) {
	at := strings.LastIndexByte(path, '/')
	if at <= 0 || at == len(path)-1 {
		return "", "", false
	}
	return path[:at], path[at+1:], true
}

// vaultRequest is the body of a request to encrypt or decrypt. Binary values are in base64.
type vaultRequest struct {
	Plaintext      []byte `json:"plaintext,omitempty"`
	Ciphertext     string `json:"ciphertext,omitempty"`
	AssociatedData []byte `json:"associated_data,omitempty"`
	Context        []byte `json:"context,omitempty"` // needed by a derived key, and ignored by others
}

// vaultAnswer is the body of an answer.
type vaultAnswer struct {
	Data struct {
		Plaintext  []byte `json:"plaintext"`
		Ciphertext string `json:"ciphertext"`
	} `json:"data"`
	Errors []string `json:"errors"`
}

// Encrypt implements tink.AEAD. It asks for a decryption first, because Vault creates a key
// that it is to encrypt with if the token allows that: a mistyped name would be a new key.
func (v *vault) Encrypt(plaintext, associatedData []byte) ([]byte, error) {
	_, err := v.Decrypt([]byte(unknownCiphertext), associatedData)
	if err != nil && !errors.Is(err, seal.ErrRejected) && message.Of(err).Key != versionKey {
		return nil, err
	}
	answer, err := v.ask("encrypt", vaultRequest{Plaintext: plaintext, AssociatedData: associatedData, Context: associatedData})
	return []byte(answer.Data.Ciphertext), err
}

// versionKey is the sentence that the version of the key is too old to decrypt with.
const versionKey = "kms.vault-version"

// unknownCiphertext has the form of a ciphertext, and no key has made it.
var unknownCiphertext = "vault:v1:" + base64.StdEncoding.EncodeToString(make([]byte, 64))

// Decrypt implements tink.AEAD.
func (v *vault) Decrypt(ciphertext, associatedData []byte) ([]byte, error) {
	answer, err := v.ask("decrypt", vaultRequest{Ciphertext: string(ciphertext), AssociatedData: associatedData, Context: associatedData})
	return answer.Data.Plaintext, err
}

// ask sends a request, several times if it may succeed later.
func (v *vault) ask(operation string, request vaultRequest) (answer vaultAnswer, err error) {
	body, err := json.Marshal(request)
	if err != nil {
		return answer, err
	}
	token, err := v.token()
	if err != nil {
		return answer, err
	}
	for attempt := range vaultAttempts {
		if attempt > 0 {
			time.Sleep(vaultPause << (attempt - 1))
		}
		var again bool
		answer, again, err = v.askOnce(operation, body, token)
		if err == nil || !again {
			return answer, err
		}
	}
	return answer, err
}

// token reads the token, which something else may renew.
func (v *vault) token() (paycor.Secret, error) {
	text, err := textfile.Read(v.tokenFile)
	if err != nil {
		return paycor.Secret{}, message.Errorf("kms.token-unreadable", v.tokenFile, textfile.Cause(err))
	}
	token := strings.TrimSpace(string(text))
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return paycor.Secret{}, message.Errorf("kms.token-form", v.tokenFile)
	}
	return paycor.NewSecret(token), nil
}

// askOnce sends a request. again reports whether another attempt may succeed.
func (v *vault) askOnce(operation string, body []byte, token paycor.Secret) (answer vaultAnswer, again bool, err error) {
	address := v.base.JoinPath("v1", v.mount, operation, v.key)
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address.String(), bytes.NewReader(body))
	if err != nil {
		return answer, false, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Vault-Request", "true")
	request.Header.Set("X-Vault-Token", token.Reveal())
	if v.namespace != "" {
		request.Header.Set("X-Vault-Namespace", v.namespace)
	}
	response, err := v.client.Do(request)
	if err != nil {
		return answer, true, message.Wrapf(err, "kms.unreachable", v.address, causeOf(err))
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxVaultAnswer))
	if err != nil {
		return answer, true, message.Wrapf(err, "kms.unreachable", v.address, causeOf(err))
	}
	malformed := json.Unmarshal(text, &answer)
	if response.StatusCode == http.StatusOK {
		empty := answer.Data.Ciphertext == ""
		if operation == "decrypt" {
			empty = len(answer.Data.Plaintext) == 0
		}
		if malformed != nil || empty {
			return answer, false, message.Errorf("kms.malformed", v.address)
		}
		return answer, false, nil
	}
	err = v.refusal(response.StatusCode, answer.Errors)
	return answer, response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= 500, err
}

// refusal returns what an answer with errors means.
func (v *vault) refusal(status int, said []string) error {
	says := func(text string) bool {
		return slices.ContainsFunc(said, func(one string) bool { return strings.Contains(strings.ToLower(one), text) })
	}
	switch {
	case status == http.StatusForbidden:
		return message.Errorf("kms.vault-denied", v.address, v.tokenFile, v.namespaceFlag, v.mount, v.key, v.mount, v.key)
	case says("sealed"):
		return message.Errorf("kms.vault-sealed", v.base.Host)
	case says("encryption key not found"):
		return message.Errorf("kms.vault-key", v.key, v.mount, v.base.Host, v.mount, v.key)
	case status == http.StatusNotFound:
		return message.Errorf("kms.vault-mount", v.mount, v.base.Host, v.namespaceFlag)
	case says("message authentication failed"), says("invalid ciphertext"):
		return seal.ErrRejected
	case says("associated_data"), says("supported for key type"):
		return message.Errorf("kms.vault-kind", v.key, v.mount)
	case says("disallowed by policy"):
		return message.Errorf(versionKey, v.mount, v.key)
	case status >= 300 && status < 400:
		return message.Errorf("kms.vault-standby", v.base.Host)
	}
	return message.Errorf("kms.vault-failed", v.address, strconv.Itoa(status), shortened(strings.Join(said, "; ")))
}

// causeOf returns why a request failed, without its address.
func causeOf(err error) string {
	if request, is := errors.AsType[*url.Error](err); is {
		err = request.Err
	}
	return shortened(err.Error())
}
