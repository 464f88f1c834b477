// Package kms opens key encryption keys in key management services (KMS), by URL.
//
// A KMS is asked when a server starts, and when keys are rotated or wrapped again: never
// for a call. The URL has no secret.
package kms

import (
	"net/url"
	"strings"
	"unicode"

	"paycorcred/paycor/egress"
	"paycorcred/paycor/message"
	"paycorcred/paycor/seal"
)

// Options say how to ask a KMS.
type Options struct {
	TokenFile string       // file with the token of Vault or OpenBao; read each time, so it may be renewed
	Namespace string       // of Vault or OpenBao; empty for the root namespace
	Egress    *egress.Rule // how to connect to Vault or OpenBao; nil connects directly
	Helper    string       // program that asks clouds; empty means paycorcred-kms beside this program
	Flags     string       // flag of the key, which begins those of the token file and the namespace; empty means --kek
}

// Open returns the key at a URL. It connects to nothing yet. Errors say what is wrong with
// the URL or the options.
func Open(address string, options Options) (seal.KEK, error) {
	scheme, rest, _ := strings.Cut(address, "://")
	if form := clouds[scheme]; form != nil {
		if !form.MatchString(rest) {
			return nil, message.Errorf("kms.cloud-address")
		}
		return openCloud(address, options.Helper)
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return nil, message.Errorf("kms.address")
	}
	switch parsed.Scheme {
	case schemeVault, schemePlainVault:
		return openVault(parsed, options)
	}
	return nil, message.Errorf("kms.address")
}

// maxSaid is how much is shown of what a KMS or a library said, in bytes.
const maxSaid = 500

// shortened returns what a KMS or a library said in one line, without control characters.
func shortened(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return ' '
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxSaid {
		text = strings.ToValidUTF8(text[:maxSaid], "") + "…"
	}
	return text
}

// IsURL reports whether a text is a URL, such as that of a key, and not the path of a file.
func IsURL(text string) bool { return strings.Contains(text, "://") }
