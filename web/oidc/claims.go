package oidc

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/session"
)

// maxGroups is how many groups of a person count.
const maxGroups = 500

// needsUserInfo reports whether the ID token lacks a claim that we use: some
// providers return it only from the userinfo endpoint.
func (p *Provider) needsUserInfo(claims map[string]any) bool {
	for _, rule := range p.config.Rules {
		if valuesOf(claims, rule.Claim) == nil {
			return true
		}
	}
	return claims["email"] == nil || claims["name"] == nil || valuesOf(claims, p.config.GroupsClaim) == nil
}

// addUserInfo adds the claims of the userinfo endpoint. Claims of the ID token
// take precedence.
func (p *Provider) addUserInfo(ctx context.Context, metadata *metadata, token *oauth2.Token, subject string, claims map[string]any) {
	info, err := metadata.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err == nil && info.Subject != subject {
		err = errors.New("the subject differs from the ID token")
	}
	more := map[string]any{}
	if err == nil {
		err = info.Claims(&more)
	}
	if err != nil {
		p.log.WarnContext(ctx, "the userinfo endpoint of the OpenID Connect provider failed", "cause", err)
		return
	}
	switch { // email_verified belongs to the email beside it
	case claims["email"] == nil:
		delete(claims, "email_verified")
	case more["email"] != claims["email"]:
		delete(more, "email_verified")
	}
	for name, value := range more {
		if _, known := claims[name]; !known {
			claims[name] = value
		}
	}
}

// person converts claims to a sign-in.
func (p *Provider) person(id *oidc.IDToken, raw string, claims map[string]any) (session.SignIn, error) {
	person := session.SignIn{Issuer: id.Issuer, Subject: id.Subject, Hint: paycor.NewSecret(raw)}
	person.SID, _ = claims["sid"].(string)
	person.Groups = valuesOf(claims, p.config.GroupsClaim)
	person.Groups = person.Groups[:min(len(person.Groups), maxGroups)]
	verified := verifiedEmail(claims)
	if email, _ := claims["email"].(string); verified && email == displayText(email) {
		person.Login = email
	}
	for _, claim := range []string{"name", "preferred_username", "email", "sub"} {
		if name, _ := claims[claim].(string); displayText(name) != "" {
			person.Name = displayText(name)
			break
		}
	}
	note := ""
	if !verified && claims["email"] != nil { // unverified: it may be somebody else's address
		delete(claims, "email")
		note = "; the e-mail address is not counted, because email_verified is not true"
	}
	person.Rights, person.Workspace = Apply(p.config.Rules, claims)
	leftOut := p.leftOut(claims)
	if len(leftOut) > 0 {
		note += "; the provider left out " + strings.Join(leftOut, ", ") +
			", because there are too many values: use app roles, or let the provider send only the groups that are assigned to the application"
		p.log.Warn("the OpenID Connect provider left out claims; rules for them do not fit", "claims", leftOut, "subject", id.Subject)
	}
	if len(person.Rights) == 0 {
		explanation := message.New("signin.no-access", person.Name)
		if len(leftOut) > 0 {
			explanation = message.New("signin.groups-left-out", person.Name)
		} else if len(person.Groups) > 0 {
			explanation = message.New("signin.no-access-groups", person.Name, displayText(strings.Join(person.Groups, ", ")))
		}
		return person, &paycor.Error{Kind: paycor.KindForbidden,
			Message: explanation,
			Err:     fmt.Errorf("no --oidc-map fits; the claims are %s%s", strings.Join(slices.Sorted(maps.Keys(claims)), ", "), note)}
	}
	return person, nil
}

// leftOut returns the claims that we use and that the provider left out because they were
// too large. It says so in _claim_names (OpenID Connect Core, 5.6.2) or, as Entra ID does
// in some tokens, in hasgroups.
func (p *Provider) leftOut(claims map[string]any) []string {
	elsewhere, _ := claims["_claim_names"].(map[string]any)
	var names []string
	check := func(claim string) {
		_, distributed := elsewhere[claim]
		hidden := distributed || claim == "groups" && valuesOf(claims, "hasgroups") != nil
		if hidden && valuesOf(claims, claim) == nil && !slices.Contains(names, claim) {
			names = append(names, claim)
		}
	}
	check(p.config.GroupsClaim)
	for _, rule := range p.config.Rules {
		check(rule.Claim)
	}
	return names
}

// verifiedEmail reports whether the provider has verified the email address.
func verifiedEmail(claims map[string]any) bool {
	return claims["email_verified"] == true || claims["email_verified"] == "true"
}

// displayText removes unprintable characters and limits the length, so that a
// text is safe for a page, a terminal and the audit trail. At many providers
// people choose their names themselves.
func displayText(name string) string {
	const maxLength = 200
	runes := []rune(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, name))
	if len(runes) > maxLength {
		return string(runes[:maxLength]) + "…"
	}
	return name
}
