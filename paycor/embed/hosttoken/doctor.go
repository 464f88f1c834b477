package hosttoken

import (
	"context"
	"errors"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"slices"
	"strings"
)

// Examine looks at everything that a host's developer shows, and says of each
// thing whether it is right and how to mend it. It uses nothing up.
func (j *Judge) Examine(ctx context.Context, host embed.Host, symptoms embed.Symptoms) []embed.CheckResult {
	results := []embed.CheckResult{
		{Name: "clock", State: embed.CheckGood, Message: "This server's clock says " + clockOf(j.clock()) + ". The host's may differ by " + Leeway.String() + "."},
		j.keys(ctx, host), origin(host, symptoms.Origin), sandbox(symptoms.Sandbox), policy(symptoms),
	}
	if symptoms.Token.IsZero() {
		return append(results, embed.CheckResult{Name: "token", State: embed.CheckSkipped, Message: "No token was given."})
	}
	request := embed.Request{Host: host.ID, Token: symptoms.Token, Origin: symptoms.Origin, Audience: symptoms.Audience}
	j.look(ctx, host, request, func(f finding) bool {
		result := embed.CheckResult{Name: f.name, State: embed.CheckGood, Message: f.good}
		var known *paycor.Error
		if errors.As(f.err, &known) {
			result.State = embed.CheckBad
			result.Message, result.Remedy = known.Message, string(known.Kind)
		}
		results = append(results, result)
		return true
	})
	return results
}

func bad(name, message, remedy string) embed.CheckResult {
	return embed.CheckResult{Name: name, State: embed.CheckBad, Message: message, Remedy: remedy}
}

func good(name, message string) embed.CheckResult {
	return embed.CheckResult{Name: name, State: embed.CheckGood, Message: message}
}

func skipped(name, message string) embed.CheckResult {
	return embed.CheckResult{Name: name, State: embed.CheckSkipped, Message: message}
}

func (j *Judge) keys(ctx context.Context, host embed.Host) embed.CheckResult {
	keys, err := j.source.keys(ctx, host, false)
	if err != nil {
		return bad("keys", "The host's keys could not be read: "+err.Error()+".", "Publish a JWKS at the registered address, or have the keys pasted in.")
	}
	var names []string
	for _, key := range keys.list {
		names = append(names, cut(key.KeyID)+" ("+string(algorithmOf(key))+")")
	}
	return good("keys", "The host's keys can be read: "+strings.Join(names, ", ")+".")
}

func origin(host embed.Host, origin string) embed.CheckResult {
	registered := "Registered are " + strings.Join(host.Origins, " and ") + "."
	switch {
	case origin == "":
		return skipped("origin", "No page was given. "+registered)
	case origin == "null":
		return bad("origin", "The page around the frame has no origin of its own (null): it is a file, a data: address, or sandboxed without allow-same-origin.", "Serve the page over https from an address of its own.")
	case slices.Contains(host.Origins, origin):
		return good("origin", origin+" is registered.")
	}
	if _, err := embed.ParseOrigin(origin); err != nil {
		return bad("origin", err.Error()+".", "Give the origin of the page alone: in its console, type location.origin. "+registered)
	}
	return bad("origin", cut(origin)+" is not registered for this host, so the browser refuses to show the frame. Port and scheme count too.", "Have it registered, or open the page under a registered address. "+registered)
}

// sandbox looks at the frame's sandbox attribute. Scripts, an origin of its
// own and forms are what the page needs.
func sandbox(attribute string) embed.CheckResult {
	if strings.TrimSpace(attribute) == "" {
		return skipped("sandbox", "No sandbox attribute was given; without one the frame is not restricted.")
	}
	flags := strings.Fields(strings.ToLower(attribute))
	var missing []string
	for _, flag := range []string{"allow-scripts", "allow-same-origin", "allow-forms"} {
		if !slices.Contains(flags, flag) {
			missing = append(missing, flag)
		}
	}
	if len(missing) > 0 {
		return bad("sandbox", "The frame's sandbox lacks "+strings.Join(missing, " and ")+".", `Write sandbox="allow-scripts allow-same-origin allow-forms".`)
	}
	if !slices.Contains(flags, "allow-popups") {
		return good("sandbox", "The frame may do what it needs. Links to Paycor show their address instead of opening, because allow-popups is missing.")
	}
	return good("sandbox", "The frame may do what it needs.")
}

// policy looks at the Content-Security-Policy of the page around the frame:
// it has to let the module and the frame in.
func policy(symptoms embed.Symptoms) embed.CheckResult {
	text := strings.TrimSpace(symptoms.Policy)
	if text == "" {
		return skipped("headers", "No Content-Security-Policy was given; without one nothing is forbidden.")
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
	for _, need := range []struct {
		add   string   // the directive to add to
		chain []string // the first of these that is there decides
	}{
		{"frame-src", []string{"frame-src", "child-src", "default-src"}},
		{"script-src", []string{"script-src-elem", "script-src", "default-src"}},
	} {
		for _, name := range need.chain {
			sources, there := directives[name]
			trusting := need.add == "script-src" && slices.Contains(sources, "'strict-dynamic'") // what a trusted script loads is let in, from anywhere
			if there && !trusting && !lets(sources, symptoms.Audience) {
				missing = append(missing, need.add+" "+symptoms.Audience)
			}
			if there {
				break
			}
		}
	}
	if len(missing) > 0 {
		return bad("headers", "The page's Content-Security-Policy does not let this server's module or frame in.", "Add "+strings.Join(missing, "; and ")+". Nonces and hashes count too; they are not looked at here.")
	}
	return good("headers", "The page's Content-Security-Policy lets the module and the frame in.")
}

// lets reports whether a list of sources has this server in it.
func lets(sources []string, origin string) bool {
	scheme, host, _ := strings.Cut(origin, "://")
	return slices.ContainsFunc(sources, func(source string) bool {
		source = strings.ToLower(source)
		at, _, _ := strings.Cut(strings.TrimPrefix(source, scheme+"://"), "/")
		suffix, wild := strings.CutPrefix(at, "*.")
		name, anyPort := strings.CutSuffix(at, ":*")
		return source == "*" || source == scheme+":" || at == host || anyPort && strings.HasPrefix(host+":", name+":") || wild && strings.HasSuffix(host, "."+suffix)
	})
}
