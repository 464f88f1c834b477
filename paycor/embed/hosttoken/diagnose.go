package hosttoken

import (
	"context"
	"errors"
	"slices"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/embed/appearance"
	"paycorcred/paycor/message"
)

// DiagnosePage checks what a site's developer submits about the page around the frame, and
// reports for each check whether it passed and how to fix it.
func (v *Verifier) DiagnosePage(ctx context.Context, host embed.Host, symptoms embed.Symptoms) []embed.CheckResult {
	return []embed.CheckResult{
		{Name: "clock", State: embed.CheckGood, Message: message.New("site.clock", formatTime(v.clock()), Leeway)},
		v.diagnoseKeys(ctx, host), diagnoseOrigin(host, symptoms.Origin), diagnoseSandbox(symptoms.Sandbox), diagnoseReferrer(symptoms.Referrer), diagnosePolicy(symptoms), diagnoseAppearance(symptoms.Appearance),
	}
}

// Diagnose checks the page as DiagnosePage does, and the token. It does not use up the
// token.
func (v *Verifier) Diagnose(ctx context.Context, host embed.Host, scopeOf ScopeOf, symptoms embed.Symptoms) []embed.CheckResult {
	results := v.DiagnosePage(ctx, host, symptoms)
	if symptoms.Token.IsZero() {
		return append(results, embed.CheckResult{Name: "token", State: embed.CheckSkipped, Message: message.New("site.token.none")})
	}
	request := embed.Request{Host: host.ID, Token: symptoms.Token, Origin: symptoms.Origin, Audience: symptoms.Audience}
	v.runChecks(ctx, host, scopeOf, request, func(f checked) bool {
		result := embed.CheckResult{Name: f.name, State: embed.CheckGood, Message: f.passed}
		var known *paycor.Error
		if errors.As(f.err, &known) {
			result.State = embed.CheckBad
			result.Message, result.Remedy = known.Message, message.Text(string(known.Kind))
		}
		results = append(results, result)
		return true
	})
	return results
}

func bad(name string, found, fix message.Message) embed.CheckResult {
	return embed.CheckResult{Name: name, State: embed.CheckBad, Message: found, Remedy: fix}
}

func good(name string, found message.Message) embed.CheckResult {
	return embed.CheckResult{Name: name, State: embed.CheckGood, Message: found}
}

func skipped(name string, found message.Message) embed.CheckResult {
	return embed.CheckResult{Name: name, State: embed.CheckSkipped, Message: found}
}

func (v *Verifier) diagnoseKeys(ctx context.Context, host embed.Host) embed.CheckResult {
	keys, err := v.keySource.keys(ctx, host, false)
	if errors.Is(err, errNoKeys) {
		return skipped("keys", message.New("site.keys.none"))
	}
	if err != nil {
		return bad("keys", message.New("site.keys.failed", message.Of(err)), message.New("site.keys.failed.fix"))
	}
	var names []string
	for _, key := range keys.list {
		names = append(names, Truncate(key.KeyID)+" ("+string(algorithmOf(key))+")")
	}
	return good("keys", message.New("site.keys.good", strings.Join(names, ", ")))
}

func diagnoseOrigin(host embed.Host, origin string) embed.CheckResult {
	registered := strings.Join(host.Origins, ", ")
	switch {
	case origin == "":
		return skipped("origin", message.New("site.origin.none", registered))
	case origin == "null":
		return bad("origin", message.New("site.origin.null"), message.New("site.origin.null.fix"))
	case slices.Contains(host.Origins, origin):
		return good("origin", message.New("site.origin.good", origin))
	}
	if _, err := embed.ParseOrigin(origin); err != nil {
		return bad("origin", message.Of(err), message.New("site.origin.malformed.fix", registered))
	}
	return bad("origin", message.New("site.origin.unregistered", Truncate(origin)), message.New("site.origin.unregistered.fix", registered))
}

// diagnoseSandbox checks the frame's sandbox attribute: the page needs scripts, an
// origin of its own and forms.
func diagnoseSandbox(attribute string) embed.CheckResult {
	if strings.TrimSpace(attribute) == "" {
		return skipped("sandbox", message.New("site.sandbox.none"))
	}
	flags := strings.Fields(strings.ToLower(attribute))
	var missing []string
	for _, flag := range []string{"allow-scripts", "allow-same-origin", "allow-forms"} {
		if !slices.Contains(flags, flag) {
			missing = append(missing, flag)
		}
	}
	if len(missing) > 0 {
		return bad("sandbox", message.New("site.sandbox.missing", strings.Join(missing, ", ")), message.New("site.sandbox.missing.fix"))
	}
	if !slices.Contains(flags, "allow-popups") {
		return good("sandbox", message.New("site.sandbox.no-popups"))
	}
	return good("sandbox", message.New("site.sandbox.good"))
}

// diagnoseReferrer checks the frame's referrer policy. Firefox masks the origin of
// a page around a frame that gets no referrer.
func diagnoseReferrer(policy string) embed.CheckResult {
	switch policy = strings.ToLower(strings.TrimSpace(policy)); policy {
	case "":
		return skipped("referrer", message.New("site.referrer.none"))
	case "no-referrer", "same-origin":
		return bad("referrer", message.New("site.referrer.hidden", policy), message.New("site.referrer.hidden.fix"))
	}
	return good("referrer", message.New("site.referrer.good"))
}

// diagnosePolicy checks the Content-Security-Policy of the page around the frame:
// it has to allow the module and the frame.
func diagnosePolicy(symptoms embed.Symptoms) embed.CheckResult {
	text := strings.TrimSpace(symptoms.Policy)
	if text == "" {
		return skipped("headers", message.New("site.policy.none"))
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, "Content-Security-Policy:"), "content-security-policy:")
	directives := map[string][]string{}
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		if len(words) > 0 && directives[strings.ToLower(words[0])] == nil {
			directives[strings.ToLower(words[0])] = append([]string{}, words[1:]...)
		}
	}
	var missing []string
	for _, required := range []struct {
		add   string   // the directive to add to
		chain []string // the first of these that is present decides
	}{
		{"frame-src", []string{"frame-src", "child-src", "default-src"}},
		{"script-src", []string{"script-src-elem", "script-src", "default-src"}},
	} {
		for _, name := range required.chain {
			sources, present := directives[name]
			strictDynamic := required.add == "script-src" && slices.Contains(sources, "'strict-dynamic'") // it allows whatever a trusted script loads
			if present && !strictDynamic && !allows(sources, symptoms.Audience) {
				missing = append(missing, required.add+" "+symptoms.Audience)
			}
			if present {
				break
			}
		}
	}
	if len(missing) > 0 {
		return bad("headers", message.New("site.policy.blocked"), message.New("site.policy.blocked.fix", strings.Join(missing, "; ")))
	}
	return good("headers", message.New("site.policy.good"))
}

// diagnoseAppearance checks how the site wants the page to look.
func diagnoseAppearance(text string) embed.CheckResult {
	if strings.TrimSpace(text) == "" {
		return skipped("appearance", message.New("site.appearance.none"))
	}
	if _, problem := appearance.Parse(text); !problem.IsZero() {
		return bad("appearance", problem, message.New("site.appearance.bad.fix"))
	}
	return good("appearance", message.New("site.appearance.good"))
}

// allows reports whether a source list of a policy contains an origin.
func allows(sources []string, origin string) bool {
	scheme, host, _ := strings.Cut(origin, "://")
	return slices.ContainsFunc(sources, func(source string) bool {
		source = strings.ToLower(source)
		at, _, _ := strings.Cut(strings.TrimPrefix(source, scheme+"://"), "/")
		suffix, wild := strings.CutPrefix(at, "*.")
		name, anyPort := strings.CutSuffix(at, ":*")
		return source == "*" || source == scheme+":" || at == host || anyPort && strings.HasPrefix(host+":", name+":") || wild && strings.HasSuffix(host, "."+suffix)
	})
}
