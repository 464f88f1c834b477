package oidc

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/textfile"
)

// Options are the flags for sign-in with OpenID Connect.
type Options struct {
	Issuer           string   `name:"oidc-issuer" help:"cli.help.oidc-issuer" placeholder:"URL"`
	ClientID         string   `name:"oidc-client-id" help:"cli.help.oidc-client-id" placeholder:"ID"`
	ClientSecretFile string   `name:"oidc-client-secret-file" help:"cli.help.oidc-client-secret-file" placeholder:"FILE"`
	Map              []string `name:"oidc-map" sep:"none" help:"cli.help.oidc-map" placeholder:"RULE"`
	Scopes           string   `name:"oidc-scopes" help:"cli.help.oidc-scopes" default:"openid profile email"`
	GroupsClaim      string   `name:"oidc-groups-claim" help:"cli.help.oidc-groups-claim" default:"groups"`
}

// Set reports whether a provider is configured.
func (o Options) Set() bool { return o.Issuer != "" }

// Config is a validated configuration.
type Config struct {
	Issuer      string
	ClientID    string
	Secret      paycor.Secret // zero for a public client
	Rules       []Rule
	Scopes      []string
	GroupsClaim string
	Transport   http.RoundTripper // for requests to the provider; nil means http.DefaultTransport
}

// Config validates the options and returns a message for each mistake.
func (o Options) Config() (Config, []message.Message) {
	var mistakes []message.Message
	report := func(key string, args ...any) {
		mistakes = append(mistakes, message.New(key, args...))
	}
	if !o.Set() {
		for flag, value := range map[string]bool{
			"--oidc-client-id": o.ClientID != "", "--oidc-client-secret-file": o.ClientSecretFile != "", "--oidc-map": len(o.Map) > 0,
		} {
			if value {
				report("cli.oidc-issuer-missing", flag)
			}
		}
		return Config{}, mistakes
	}
	c := Config{Issuer: o.Issuer, ClientID: o.ClientID, Scopes: strings.Fields(o.Scopes), GroupsClaim: o.GroupsClaim}
	issuer, err := url.Parse(o.Issuer)
	switch {
	case err != nil || issuer.Host == "" || issuer.RawQuery != "" || issuer.Fragment != "":
		report("cli.oidc-issuer-malformed", o.Issuer)
	case issuer.Scheme != "https" && (issuer.Scheme != "http" || !paycor.Loopback(issuer.Hostname())):
		report("cli.oidc-issuer-scheme", o.Issuer)
	}
	if o.ClientID == "" {
		report("cli.oidc-client-missing")
	}
	c.Secret = o.readSecret(report)
	var ruleMistakes []message.Message
	c.Rules, ruleMistakes = parseRules(o.Map)
	mistakes = append(mistakes, ruleMistakes...)
	if len(o.Map) == 0 {
		report("cli.oidc-map-missing", ruleForm)
	}
	if !slices.Contains(c.Scopes, "openid") {
		report("cli.oidc-scopes")
	}
	return c, mistakes
}

// readSecret reads --oidc-client-secret-file.
func (o Options) readSecret(report func(string, ...any)) paycor.Secret {
	if o.ClientSecretFile == "" {
		return paycor.Secret{}
	}
	text, err := textfile.Read(o.ClientSecretFile)
	switch secret := strings.TrimSpace(string(text)); {
	case errors.Is(err, os.ErrNotExist):
		report("cli.oidc-secret-missing", o.ClientSecretFile)
	case err != nil:
		report("cli.oidc-secret-unreadable", o.ClientSecretFile, errors.Unwrap(err))
	case secret == "" || strings.ContainsAny(secret, "\n\r"):
		report("cli.oidc-secret-lines", o.ClientSecretFile)
	default:
		return paycor.NewSecret(secret)
	}
	return paycor.Secret{}
}
