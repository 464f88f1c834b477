package oidc

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"paycorcred/paycor"
)

// Options are the flags for sign-in with OpenID Connect.
type Options struct {
	Issuer           string   `name:"oidc-issuer" help:"Let people sign in with this OpenID Connect provider: its issuer, as its discovery document names it." placeholder:"URL"`
	ClientID         string   `name:"oidc-client-id" help:"The client that is registered for this server at the provider." placeholder:"ID"`
	ClientSecretFile string   `name:"oidc-client-secret-file" help:"File that holds the client's secret. Without one the client is a public one." placeholder:"FILE"`
	Map              []string `name:"oidc-map" sep:"none" help:"Who may do what: CLAIM=VALUE:RIGHTS[@WORKSPACE], such as groups=payroll-admins:view,use,edit,admin@default. Repeatable; the variable takes several with ; or line breaks between them." placeholder:"RULE"`
	Scopes           string   `name:"oidc-scopes" help:"What the provider is asked for, with blanks between." default:"openid profile email"`
	GroupsClaim      string   `name:"oidc-groups-claim" help:"The claim with a person's groups, for credentials that are shared with a group." default:"groups"`
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
}

// Config validates the options and returns a sentence for each mistake.
func (o Options) Config() (Config, []string) {
	var mistakes []string
	report := func(format string, arguments ...any) {
		mistakes = append(mistakes, fmt.Sprintf(format, arguments...))
	}
	if !o.Set() {
		for flag, value := range map[string]bool{
			"--oidc-client-id": o.ClientID != "", "--oidc-client-secret-file": o.ClientSecretFile != "", "--oidc-map": len(o.Map) > 0,
		} {
			if value {
				report("%s is given without --oidc-issuer; name the provider's issuer too, or leave both out", flag)
			}
		}
		return Config{}, mistakes
	}
	c := Config{Issuer: o.Issuer, ClientID: o.ClientID, Scopes: strings.Fields(o.Scopes), GroupsClaim: o.GroupsClaim}
	issuer, err := url.Parse(o.Issuer)
	switch {
	case err != nil || issuer.Host == "" || issuer.RawQuery != "" || issuer.Fragment != "":
		report("--oidc-issuer %q is no address; write it as the provider's discovery document does, such as https://login.example.com", o.Issuer)
	case issuer.Scheme != "https" && (issuer.Scheme != "http" || !paycor.Loopback(issuer.Hostname())):
		report("--oidc-issuer %q has to begin with https://; http:// is only for a provider on this machine", o.Issuer)
	}
	if o.ClientID == "" {
		report("--oidc-client-id is missing; register this server at the provider and write the client's id")
	}
	c.Secret = o.readSecret(report)
	var ruleMistakes []string
	c.Rules, ruleMistakes = parseRules(o.Map)
	mistakes = append(mistakes, ruleMistakes...)
	if len(o.Map) == 0 {
		report("--oidc-map is missing, so nobody could do anything; %s", ruleForm)
	}
	if !slices.Contains(c.Scopes, "openid") {
		report("--oidc-scopes has to hold openid, without which a provider tells nothing of who signed in")
	}
	return c, mistakes
}

// readSecret reads --oidc-client-secret-file.
func (o Options) readSecret(report func(string, ...any)) paycor.Secret {
	if o.ClientSecretFile == "" {
		return paycor.Secret{}
	}
	text, err := os.ReadFile(o.ClientSecretFile)
	switch secret := strings.TrimSpace(string(text)); {
	case errors.Is(err, os.ErrNotExist):
		report("--oidc-client-secret-file %q does not exist; name the file that holds the client's secret", o.ClientSecretFile)
	case err != nil:
		report("--oidc-client-secret-file %q cannot be read: %v", o.ClientSecretFile, errors.Unwrap(err))
	case secret == "" || strings.ContainsAny(secret, "\n\r"):
		report("--oidc-client-secret-file %q has to hold one line, the client's secret", o.ClientSecretFile)
	default:
		return paycor.NewSecret(secret)
	}
	return paycor.Secret{}
}
