package command

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
	"paycorcred/web"
	"paycorcred/web/oidc"
)

// stdin is where commands read what people type. Tests replace it.
var stdin io.Reader = os.Stdin

type oidcCommand struct {
	Check oidcCheck `cmd:"" help:"cli.help.oidc-check"`
}

type oidcCheck struct {
	oidc.Options
	outgoing
	PublicURL string `name:"public-url" help:"cli.help.oidc-check-public-url" default:"http://localhost:8080" placeholder:"URL"`
}

// Run tries the provider, and a sign-in if somebody pastes where it ends.
func (o *oidcCheck) Run(ctx context.Context, terminal terminal) error {
	config, mistakes := o.Options.Config()
	if !o.Set() {
		mistakes = append(mistakes, message.New("cli.oidc-issuer-none"))
	}
	rule, unusable := o.outgoing.Rule(os.Getenv)
	if mistakes = append(mistakes, unusable...); len(mistakes) > 0 {
		return configurationError(texts(mistakes))
	}
	config.Transport = rule.Transport()
	provider, err := oidc.New(ctx, config, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return configurationError{explain(err)}
	}
	redirectURI := strings.TrimSuffix(o.PublicURL, "/") + web.SignInCallback
	findings := tryProvider(ctx, provider, config.Issuer, redirectURI)
	report := health.NewReport(findings)
	if err := printReport(terminal, report); err != nil {
		return err
	}
	if report.Status == health.Problem {
		return errProblems
	}
	return trySignIn(ctx, terminal, provider, config.Rules, redirectURI)
}

// tryProvider tries issuer, keys, client and redirect URI. What needs the one before is
// left out after a problem.
func tryProvider(ctx context.Context, provider *oidc.Provider, issuer, redirectURI string) []health.Finding {
	if err := provider.Discover(ctx); err != nil {
		return health.Failed("issuer", err, message.New("oidc.check-issuer-fix"))
	}
	findings := health.Fine("issuer", "oidc.check-issuer", issuer)
	keys, err := provider.SigningKeys(ctx)
	switch {
	case err != nil:
		findings = append(findings, health.Failed("keys", err, message.New("oidc.check-issuer-fix"))...)
	case keys == 0:
		findings = append(findings, health.Finding{Check: "keys", Status: health.Problem, Message: message.New("oidc.check-no-keys"), Remedy: message.New("oidc.check-issuer-fix")})
	default:
		findings = append(findings, health.Fine("keys", "oidc.check-keys", keys)...)
	}
	if err := provider.TryClient(ctx, redirectURI); err != nil {
		findings = append(findings, health.Failed("client", err, message.New("oidc.check-client-fix"))...)
	} else {
		findings = append(findings, health.Fine("client", "oidc.check-client")...)
	}
	switch status, err := provider.TryRedirect(ctx, redirectURI); {
	case err != nil:
		findings = append(findings, health.Failed("redirect", err, message.New("oidc.check-redirect-fix", redirectURI))...)
	case status >= http.StatusBadRequest:
		findings = append(findings, health.Finding{
			Check: "redirect", Status: health.Problem,
			Message: message.New("oidc.check-redirect-refused", status), Remedy: message.New("oidc.check-redirect-fix", redirectURI),
		})
	default:
		findings = append(findings, health.Fine("redirect", "oidc.check-redirect", redirectURI)...)
	}
	return findings
}

// trySignIn asks for a sign-in in a browser and prints which claims came and which rules
// fit. Without an answer on standard input it does nothing.
func trySignIn(ctx context.Context, terminal terminal, provider *oidc.Provider, rules []oidc.Rule, redirectURI string) error {
	state, nonce, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	address, err := provider.AuthorizationURL(ctx, redirectURI, state, nonce, verifier)
	if err != nil {
		return err
	}
	fmt.Fprintf(terminal.out, "\n%s\n\n  %s\n\n%s\n", say("oidc.check-open"), address, say("oidc.check-paste"))
	line, err := bufio.NewReader(stdin).ReadString('\n')
	if line = strings.TrimSpace(line); line == "" {
		if err == io.EOF {
			err = nil
		}
		return err
	}
	back, err := url.Parse(line)
	if err != nil || back.Query().Get("state") != state {
		return configurationError{say("oidc.check-other-address")}
	}
	query := back.Query()
	if query.Get("code") == "" {
		return configurationError{say("oidc.check-declined", query.Get("error"), query.Get("error_description"))}
	}
	claims, err := provider.Claims(ctx, redirectURI, query.Get("code"), nonce, verifier)
	if err != nil {
		return err
	}
	return printClaims(terminal, provider, rules, claims)
}

// printClaims prints the claims, whether each rule fits, and the rights they give.
func printClaims(terminal terminal, provider *oidc.Provider, rules []oidc.Rule, claims map[string]any) error {
	names := newTable(terminal.out, "claim", "value")
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		value, err := json.Marshal(claims[name])
		if err != nil {
			return err
		}
		names.row(name, string(value))
	}
	if err := names.flush(); err != nil {
		return err
	}
	fmt.Fprintln(terminal.out)
	fits := newTable(terminal.out, "rule", "fits")
	for _, rule := range rules {
		answer := say("oidc.check-no")
		if rule.Fits(claims) {
			answer = say("oidc.check-yes")
		}
		fits.row(rule.String(), answer)
	}
	if err := fits.flush(); err != nil {
		return err
	}
	if leftOut := provider.LeftOut(claims); len(leftOut) > 0 {
		fmt.Fprintf(terminal.out, "\n%s\n", say("oidc.check-left-out", strings.Join(leftOut, ", ")))
	}
	rights, workspace := oidc.Apply(rules, claims)
	if len(rights) == 0 {
		fmt.Fprintf(terminal.out, "\n%s\n", say("oidc.check-no-rights"))
		return errProblems
	}
	fmt.Fprintf(terminal.out, "\n%s\n", say("oidc.check-rights", rights.String(), workspace))
	return nil
}
