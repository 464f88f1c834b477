package hosttoken

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/message"
)

// checkClaims checks the claims of a token, without what checkScope checks.
func (v *Verifier) checkClaims(host embed.Host, request embed.Request, parsed claims) []checked {
	now, person, fail := v.clock(), parsed.person(), paycor.Errorf
	expires := parsed.Expiry.Time()
	results := []checked{
		check("claim iss", "iss", parsed.Issuer == host.ID,
			fail(embed.KindTokenIssuer, "site.error.iss", Truncate(parsed.Issuer), host.ID)),
		check("claim aud", "aud", parsed.Audience.Contains(request.Audience),
			fail(embed.KindTokenAudience, "site.error.aud", Truncate(strings.Join(parsed.Audience, " ")), request.Audience)),
		check("claim nbf", "nbf", (parsed.NotBefore == nil || !now.Add(Leeway).Before(parsed.NotBefore.Time())) &&
			(parsed.IssuedAt == nil || !now.Add(Leeway).Before(parsed.IssuedAt.Time())),
			fail(embed.KindTokenEarly, "site.error.nbf", formatTime(now))),
	}
	switch {
	case parsed.Expiry == nil:
		results = append(results, checked{"claim exp", message.Message{}, fail(embed.KindTokenLifetime, "site.error.exp-missing", int(Lifetime.Minutes()))})
	case now.After(expires.Add(Leeway)):
		results = append(results, checked{"claim exp", message.Message{}, fail(embed.KindTokenExpired, "site.error.exp-past", now.Sub(expires).Round(time.Second), formatTime(now))})
	case expires.Year() > now.Year()+100:
		results = append(results, checked{"claim exp", message.Message{}, fail(embed.KindTokenLifetime, "site.error.exp-milliseconds", int64(*parsed.Expiry))})
	default:
		results = append(results, check("claim exp", "exp", !expires.After(now.Add(Lifetime+Leeway)),
			fail(embed.KindTokenLifetime, "site.error.exp-far", expires.Sub(now).Round(time.Second), int(Lifetime.Minutes()), formatTime(now))))
	}
	return append(results,
		check("claim sub", "sub", person.ValidSubject(),
			fail(embed.KindTokenSubject, "site.error.sub", embed.MaxSubject)),
		check("claims name, email, groups", "person", person.ValidName() && person.ValidEmail() && person.ValidGroups(),
			fail(embed.KindTokenSubject, "site.error.person", embed.MaxPersonName, embed.MaxEmail, embed.MaxGroups, embed.MaxSubject)),
		check("claim jti", "jti", embed.IsLabel(parsed.ID, maxID),
			fail(embed.KindTokenID, "site.error.jti", maxID)),
		check("claim origin", "origin", slices.Contains(host.Origins, parsed.Origin) && (request.Origin == "" || request.Origin == parsed.Origin),
			fail(embed.KindTokenOrigin, "site.error.origin", Truncate(parsed.Origin), strings.Join(host.Origins, ", "))),
	)
}

// checkScope checks the claims that say where the person works and with which rights, and
// returns the scope that they name.
func checkScope(scopeOf ScopeOf, parsed claims, rights paycor.Rights) (embed.Scope, []checked) {
	scope, err := scopeOf(parsed.Tenant)
	if err != nil {
		return scope, []checked{{"claim tenant", message.Message{}, err}}
	}
	var results []checked
	if scope.Tenant != "" {
		results = append(results, check("claim tenant", "tenant", true, nil))
	}
	// The tenant implies the workspace. A token that names one as well must name the same.
	implied := scope.Tenant != "" && parsed.Workspace == ""
	elsewhere := paycor.Errorf(embed.KindTokenWorkspace, "site.error.workspace", Truncate(parsed.Workspace), scope.Workspace)
	if scope.Tenant != "" {
		elsewhere = paycor.Errorf(embed.KindTokenWorkspace, "site.error.tenant-workspace", Truncate(parsed.Workspace), scope.Tenant, scope.Workspace)
	}
	return scope, append(results,
		check("claim workspace", "workspace", implied || parsed.Workspace == scope.Workspace, elsewhere),
		check("claim rights", "rights", len(rights) > 0 && !slices.ContainsFunc(rights, func(right paycor.Right) bool { return !scope.Rights.Has(right) }),
			paycor.Errorf(embed.KindTokenRights, "site.error.rights", Truncate(rights.String()), scope.Rights)),
	)
}

func check(name, key string, ok bool, err error) checked {
	if ok {
		err = nil
	}
	return checked{name, message.New("site.check." + key), err}
}

func formatTime(now time.Time) string { return now.UTC().Format(time.RFC3339) }

// Truncate shortens text from a token for use in a message.
func Truncate(text string) string {
	const limit = 60
	if runes := []rune(text); len(runes) > limit {
		return fmt.Sprintf("%s…", string(runes[:limit]))
	}
	return text
}
