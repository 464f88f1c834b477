package oidc_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/web/oidc"
	"paycorcred/web/oidc/oidctest"
)

var documentedFlag = regexp.MustCompile(`--(oidc-[a-z-]+) (?:'([^']*)'|([^ ` + "`" + `]+))`)

// documentedProviders returns the options for each provider in the manual.
func documentedProviders(t *testing.T) map[string]oidc.Options {
	t.Helper()
	text, err := os.ReadFile("../docs/sign-in.md")
	require.NoError(t, err)
	providers := map[string]oidc.Options{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.Contains(cells[2], "--oidc-issuer") {
			continue
		}
		options := oidc.Options{ClientID: oidctest.ClientID, Scopes: "openid profile email", GroupsClaim: "groups"}
		for _, flag := range documentedFlag.FindAllStringSubmatch(cells[2], -1) {
			value := flag[2] + flag[3]
			switch flag[1] {
			case "oidc-issuer":
				options.Issuer = value
			case "oidc-scopes":
				options.Scopes = value
			case "oidc-groups-claim":
				options.GroupsClaim = value
			case "oidc-map":
				options.Map = append(options.Map, value)
			default:
				t.Errorf("%s: --%s", cells[1], flag[1])
			}
		}
		providers[strings.TrimSpace(cells[1])] = options
	}
	return providers
}

// With the flags in the manual, people with the role or group get rights, others do not,
// for the claims of each provider.
func TestDocumentedProviders(t *testing.T) {
	t.Parallel()
	type claims = map[string]any
	shapes := map[string]struct {
		allowed, other claims
		key            string   // of the sentence for the other person; empty for signin.no-access
		groups         []string // of the allowed person, as the page shows them
	}{
		"Entra ID, app roles": {
			allowed: claims{"roles": []string{"Payroll.Admin"}, "oid": "1", "tid": "2", "preferred_username": "ann@example.com"},
			other:   claims{"oid": "1", "tid": "2"},
		},
		"Entra ID, groups": {
			allowed: claims{"groups": []string{"11111111-2222-3333-4444-555555555555"}},
			other:   claims{"_claim_names": claims{"groups": "src1"}, "_claim_sources": claims{"src1": claims{"endpoint": "https://graph.example/getMemberObjects"}}},
			key:     "signin.groups-left-out", groups: []string{"11111111-2222-3333-4444-555555555555"},
		},
		"Keycloak, realm roles": {
			allowed: claims{"realm_access": claims{"roles": []string{"offline_access", "payroll-admins"}}},
			other:   claims{"realm_access": claims{"roles": []string{"offline_access"}}},
		},
		"Keycloak, client roles": {
			allowed: claims{"resource_access": claims{"creds.example.com": claims{"roles": []string{"payroll-admins"}}}},
			other:   claims{"resource_access": claims{"account": claims{"roles": []string{"payroll-admins"}}}},
		},
		"Keycloak, groups": {
			allowed: claims{"groups": []string{"/staff", "/payroll-admins"}},
			other:   claims{"groups": []string{"/staff", "/payroll-admins/old"}}, key: "signin.no-access-groups", groups: []string{"/staff", "/payroll-admins"},
		},
		"Okta": {
			allowed: claims{"groups": []string{"Everyone", "payroll-admins"}},
			other:   claims{"groups": []string{"Everyone"}}, key: "signin.no-access-groups", groups: []string{"Everyone", "payroll-admins"},
		},
		"Auth0": {
			allowed: claims{"https://creds.example.com/roles": []string{"payroll-admins"}},
			other:   claims{"https://creds.example.com/roles": []string{}},
		},
		"Google": {
			allowed: claims{"hd": "example.com", "email": "ann@example.com", "email_verified": true},
			other:   claims{"email": "ann@example.com", "email_verified": false},
		},
		"Zitadel": {
			allowed: claims{"urn:zitadel:iam:org:project:roles": claims{"payroll-admins": claims{"261166911": "example.zitadel.cloud"}}},
			other:   claims{"urn:zitadel:iam:org:project:roles": claims{"guest": claims{"261166911": "example.zitadel.cloud"}}},
		},
		"Amazon Cognito": {
			allowed: claims{"cognito:groups": []string{"payroll-admins"}, "cognito:username": "ann"},
			other:   claims{"cognito:username": "ann"}, groups: []string{"payroll-admins"},
		},
	}
	documented := documentedProviders(t)
	assert.Len(t, documented, len(shapes))
	for name, options := range documented {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, shapes, name)
			config, mistakes := options.Config()
			require.Empty(t, mistakes)
			server := startProvider(t)
			config.Issuer, config.Secret, config.Scopes = server.Issuer, paycor.NewSecret(oidctest.Secret), []string{"openid", "profile", "email"}
			provider := connect(t, config, nil)
			exchange := func(claims map[string]any) (rights paycor.Rights, groups []string, err error) {
				server.OverrideClaims(claims)
				got := signIn(t, begin(t, provider), oidctest.Bob)
				who, err := provider.Exchange(t.Context(), redirectURI, got.Get("code"), nonce, verifier)
				return who.Rights, who.Groups, err
			}
			rights, groups, err := exchange(shapes[name].allowed)
			require.NoError(t, err)
			for _, right := range []paycor.Right{paycor.RightView, paycor.RightUse, paycor.RightEdit, paycor.RightAdmin} {
				assert.Contains(t, rights, right)
			}
			assert.Equal(t, shapes[name].groups, groups)

			rights, _, err = exchange(shapes[name].other)
			assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
			assert.Empty(t, rights)
			key := shapes[name].key
			if key == "" {
				key = "signin.no-access"
			}
			assert.Equal(t, key, message.Of(err).Key)
		})
	}
}
