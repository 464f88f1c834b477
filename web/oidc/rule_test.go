package oidc_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/web/oidc"
)

func TestParseRule(t *testing.T) {
	t.Parallel()
	view := paycor.Rights{paycor.RightView}
	tests := map[string]struct {
		rule    oidc.Rule
		mistake string
	}{
		"groups=payroll-admins:view,read,use,edit,embed,admin@default": {rule: oidc.Rule{Claim: "groups", Value: "payroll-admins", Rights: paycor.AllRights(), Workspace: "default"}},
		"groups=a:view":                      {rule: oidc.Rule{Claim: "groups", Value: "a", Rights: view, Workspace: "default"}},
		"email=ann@example.com:view":         {rule: oidc.Rule{Claim: "email", Value: "ann@example.com", Rights: view, Workspace: "default"}},
		"email=ann@example.com:view@payroll": {rule: oidc.Rule{Claim: "email", Value: "ann@example.com", Rights: view, Workspace: "payroll"}},
		"groups=urn:team:a=b:view":           {rule: oidc.Rule{Claim: "groups", Value: "urn:team:a=b", Rights: view, Workspace: "default"}},
		"groups=Payroll Admins: view":        {rule: oidc.Rule{Claim: "groups", Value: "Payroll Admins", Rights: view, Workspace: "default"}},
		"sub=*:view":                         {rule: oidc.Rule{Claim: "sub", Value: "*", Rights: view, Workspace: "default"}},
		"groups":                             {mistake: "cli.oidc-rule-claim"},
		"=a:view":                            {mistake: "cli.oidc-rule-claim"},
		"groups=a":                           {mistake: "cli.oidc-rule-rights"},
		"groups=:view":                       {mistake: "cli.oidc-rule-value"},
		"groups=a:":                          {mistake: "cli.rights-unknown"},
		"groups=a:look":                      {mistake: "cli.rights-unknown (look, view,"},
		"groups=a:view@":                     {mistake: "cli.oidc-rule-workspace"},
	}
	for text, test := range tests {
		t.Run(text, func(t *testing.T) {
			rule, err := oidc.ParseRule(text)
			if test.mistake != "" {
				assert.ErrorContains(t, err, test.mistake)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.rule, rule)
		})
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	rules := []oidc.Rule{
		{Claim: "groups", Value: "admins", Rights: paycor.Rights{paycor.RightAdmin, paycor.RightView}, Workspace: "default"},
		{Claim: "realm_access.roles", Value: "user", Rights: paycor.Rights{paycor.RightUse, paycor.RightView}, Workspace: "default"},
		{Claim: "https://example.com/groups", Value: "far", Rights: paycor.Rights{paycor.RightEdit}, Workspace: "far"},
		{Claim: "resource_access.creds.example.com.roles", Value: "user", Rights: paycor.Rights{paycor.RightUse}, Workspace: "default"},
		{Claim: "hired", Value: "true", Rights: paycor.Rights{paycor.RightView}, Workspace: "far"},
	}
	tests := map[string]struct {
		claims    map[string]any
		rights    string
		workspace string
	}{
		"nothing":                   {map[string]any{"groups": []any{"others"}}, "", ""},
		"one of a list":             {map[string]any{"groups": []any{"others", "admins"}}, "admin,view", "default"},
		"a single text":             {map[string]any{"groups": "admins"}, "admin,view", "default"},
		"no list of texts":          {map[string]any{"groups": []any{1.0, map[string]any{}}}, "", ""},
		"rights add up":             {map[string]any{"groups": "admins", "realm_access": map[string]any{"roles": []any{"user"}}}, "admin,view,use", "default"},
		"a dot leads into objects":  {map[string]any{"realm_access": map[string]any{"roles": []any{"user"}}}, "use,view", "default"},
		"a name with dots":          {map[string]any{"https://example.com/groups": "far"}, "edit", "far"},
		"the first workspace wins":  {map[string]any{"groups": "admins", "https://example.com/groups": "far"}, "admin,view", "default"},
		"only rules of that one":    {map[string]any{"https://example.com/groups": "far", "hired": true}, "edit,view", "far"},
		"a part of the value":       {map[string]any{"groups": "admins-not"}, "", ""},
		"an object with details":    {map[string]any{"groups": map[string]any{"admins": map[string]any{"2611": "example.com"}}}, "admin,view", "default"},
		"an object without":         {map[string]any{"groups": map[string]any{"admins": false, "others": true}}, "", ""},
		"names with dots on a path": {map[string]any{"resource_access": map[string]any{"creds.example.com": map[string]any{"roles": []any{"user"}}}}, "use", "default"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rights, workspace := oidc.Apply(rules, test.claims)
			assert.Equal(t, test.rights, rights.String())
			assert.Equal(t, test.workspace, workspace)
		})
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "secret")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	good := oidc.Options{Issuer: "https://login.example.com", ClientID: "c", ClientSecretFile: file("hidden\n"), Map: []string{"groups=a:view; groups=b:edit\ngroups=c:use"}, Scopes: "openid email", GroupsClaim: "groups"}
	config, mistakes := good.Config()
	require.Empty(t, mistakes)
	assert.Len(t, config.Rules, 3)
	assert.Equal(t, "hidden", config.Secret.Reveal())
	marked := good
	marked.ClientSecretFile = file("\xef\xbb\xbfhidden\r\n")
	config, mistakes = marked.Config()
	require.Empty(t, mistakes)
	assert.Equal(t, "hidden", config.Secret.Reveal(), "as PowerShell writes it")
	tests := map[string]struct {
		change func(*oidc.Options)
		says   string
	}{
		"no client":            {func(o *oidc.Options) { o.ClientID = "" }, "cli.oidc-client-missing"},
		"no rules":             {func(o *oidc.Options) { o.Map = nil }, "cli.oidc-map-missing"},
		"plain http":           {func(o *oidc.Options) { o.Issuer = "http://login.example.com" }, "cli.oidc-issuer-scheme"},
		"no address":           {func(o *oidc.Options) { o.Issuer = "login.example.com" }, "cli.oidc-issuer-malformed"},
		"no secret file":       {func(o *oidc.Options) { o.ClientSecretFile += "-gone" }, "cli.oidc-secret-missing"},
		"an empty secret":      {func(o *oidc.Options) { o.ClientSecretFile = file("\n") }, "cli.oidc-secret-lines"},
		"two lines":            {func(o *oidc.Options) { o.ClientSecretFile = file("canary-one\ncanary-two") }, "cli.oidc-secret-lines"},
		"no openid":            {func(o *oidc.Options) { o.Scopes = "email" }, "cli.oidc-scopes"},
		"rules without issuer": {func(o *oidc.Options) { *o = oidc.Options{Map: []string{"a=b:view"}} }, "cli.oidc-issuer-missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			options := good
			test.change(&options)
			_, mistakes := options.Config()
			require.Len(t, mistakes, 1)
			assert.Equal(t, test.says, mistakes[0].Key)
			assert.NotContains(t, mistakes[0].String(), "canary")
		})
	}
}

func FuzzParseRule(f *testing.F) {
	f.Add("groups=payroll-admins:view,use,edit,admin@default")
	f.Add("email=a@b:view@")
	f.Fuzz(func(t *testing.T, text string) {
		rule, err := oidc.ParseRule(text)
		if err == nil && (rule.Claim == "" || rule.Value == "" || len(rule.Rights) == 0 || rule.Workspace == "") {
			t.Errorf("%q became %+v", text, rule)
		}
	})
}
