package oidc

import (
	"fmt"
	"slices"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

// Rule maps a claim to rights, as in "groups=payroll-admins:view,use,edit@default".
type Rule struct {
	Claim     string // a dot selects a member of an object, as in "realm_access.roles"
	Value     string // equals the claim or an element of it; "*" matches any value
	Rights    paycor.Rights
	Workspace string
}

// ruleForm says how rules are written.
var ruleForm = message.New("cli.oidc-rule")

// ParseRule parses a rule. The value may contain any character: the claim ends at
// the first "=", and the rights start after the last ":".
func ParseRule(text string) (Rule, error) {
	claim, rest, ok := strings.Cut(text, "=")
	claim = strings.TrimSpace(claim)
	if !ok || claim == "" {
		return Rule{}, message.Errorf("cli.oidc-rule-claim", text, ruleForm)
	}
	colon := strings.LastIndexByte(rest, ':')
	if colon < 0 {
		return Rule{}, message.Errorf("cli.oidc-rule-rights", text, ruleForm)
	}
	value := strings.TrimSpace(rest[:colon])
	if value == "" {
		return Rule{}, message.Errorf("cli.oidc-rule-value", text, claim, ruleForm)
	}
	names, workspace, hasWorkspace := strings.Cut(rest[colon+1:], "@")
	workspace = strings.TrimSpace(workspace)
	if !hasWorkspace {
		workspace = paycor.DefaultWorkspace
	} else if workspace == "" {
		return Rule{}, message.Errorf("cli.oidc-rule-workspace", text, paycor.DefaultWorkspace)
	}
	rights, err := paycor.ParseRights(names)
	if err != nil {
		return Rule{}, message.Errorf("cli.about", text, message.Of(err))
	}
	return Rule{claim, value, rights, workspace}, nil
}

// parseRules parses rules that are separated by line breaks or semicolons.
func parseRules(texts []string) (rules []Rule, mistakes []message.Message) {
	for _, text := range texts {
		for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == '\n' || c == ';' }) {
			if strings.TrimSpace(part) == "" {
				continue
			}
			rule, err := ParseRule(strings.TrimSpace(part))
			if err != nil {
				mistakes = append(mistakes, message.New("cli.flag", "--oidc-map", message.Of(err)))
				continue
			}
			rules = append(rules, rule)
		}
	}
	return rules, mistakes
}

// Apply returns a person's rights and workspace. The first matching rule decides
// the workspace; all matching rules for that workspace add their rights.
func Apply(rules []Rule, claims map[string]any) (rights paycor.Rights, workspace string) {
	for _, rule := range rules {
		if !rule.matches(claims) || workspace != "" && rule.Workspace != workspace {
			continue
		}
		workspace = rule.Workspace
		for _, right := range rule.Rights {
			if !rights.Has(right) {
				rights = append(rights, right)
			}
		}
	}
	return rights, workspace
}

func (r Rule) matches(claims map[string]any) bool {
	values := valuesOf(claims, r.Claim)
	return len(values) > 0 && (r.Value == "*" || slices.Contains(values, r.Value))
}

// valuesOf returns the string values of a claim: its own, those of its list, or the names
// in its object, because some providers write a role as a name with details.
func valuesOf(claims map[string]any, name string) []string {
	found, _ := lookUp(claims, name)
	switch value := found.(type) {
	case string:
		if value != "" {
			return []string{value}
		}
	case bool:
		return []string{fmt.Sprint(value)}
	case []any:
		var texts []string
		for _, element := range value {
			if text, ok := element.(string); ok && text != "" {
				texts = append(texts, text)
			}
		}
		return texts
	case map[string]any:
		var names []string
		for name, details := range value {
			if details != nil && details != false && name != "" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	}
	return nil
}

// lookUp finds a claim. One with exactly this name takes precedence over a path, because
// some providers use URLs as names. The names on a path may have dots too.
func lookUp(claims map[string]any, name string) (any, bool) {
	if found, ok := claims[name]; ok {
		return found, true
	}
	for i := range len(name) {
		if name[i] != '.' {
			continue
		}
		if object, ok := claims[name[:i]].(map[string]any); ok {
			if found, ok := lookUp(object, name[i+1:]); ok {
				return found, true
			}
		}
	}
	return nil, false
}
