package oidc

import (
	"fmt"
	"slices"
	"strings"

	"paycorcred/paycor"
)

// Rule turns a claim into rights: "groups=payroll-admins:view,use,edit@default".
type Rule struct {
	Claim     string // a dot leads into an object: "realm_access.roles"
	Value     string // that the claim has, or that is in its list; "*" is any
	Rights    paycor.Rights
	Workspace string
}

const ruleForm = "write CLAIM=VALUE:RIGHTS or CLAIM=VALUE:RIGHTS@WORKSPACE, such as groups=payroll-admins:view,use,edit,admin@default"

// ParseRule reads a rule. The value may hold any character: the claim ends at
// the first "=", and the rights begin behind the last ":".
func ParseRule(text string) (Rule, error) {
	claim, rest, ok := strings.Cut(text, "=")
	claim = strings.TrimSpace(claim)
	if !ok || claim == "" {
		return Rule{}, fmt.Errorf("%q names no claim; %s", text, ruleForm)
	}
	colon := strings.LastIndexByte(rest, ':')
	if colon < 0 {
		return Rule{}, fmt.Errorf("%q names no rights; %s", text, ruleForm)
	}
	value := strings.TrimSpace(rest[:colon])
	if value == "" {
		return Rule{}, fmt.Errorf("%q names no value of the claim %q; write * for whoever can sign in, or %s", text, claim, ruleForm)
	}
	names, workspace, divided := strings.Cut(rest[colon+1:], "@")
	workspace = strings.TrimSpace(workspace)
	if !divided {
		workspace = paycor.DefaultWorkspace
	} else if workspace == "" {
		return Rule{}, fmt.Errorf("%q names no workspace behind the @; leave out the @ for the workspace %q", text, paycor.DefaultWorkspace)
	}
	rights, err := paycor.ParseRights(names)
	if err != nil {
		return Rule{}, fmt.Errorf("%q: %w", text, err)
	}
	return Rule{claim, value, rights, workspace}, nil
}

// parseRules reads several: one on each line or between semicolons.
func parseRules(texts []string) (rules []Rule, wrong []string) {
	for _, text := range texts {
		for one := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == '\n' || c == ';' }) {
			if strings.TrimSpace(one) == "" {
				continue
			}
			rule, err := ParseRule(strings.TrimSpace(one))
			if err != nil {
				wrong = append(wrong, "--oidc-map: "+err.Error())
				continue
			}
			rules = append(rules, rule)
		}
	}
	return rules, wrong
}

// Apply returns what a person may do, and where. A person belongs to one
// workspace: that of the first rule that fits, in the order in which the rules
// are written. All rules for it that fit add their rights.
func Apply(rules []Rule, claims map[string]any) (rights paycor.Rights, workspace string) {
	for _, rule := range rules {
		if !rule.fits(claims) || workspace != "" && rule.Workspace != workspace {
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

func (r Rule) fits(claims map[string]any) bool {
	values := valuesOf(claims, r.Claim)
	return len(values) > 0 && (r.Value == "*" || slices.Contains(values, r.Value))
}

// valuesOf returns the texts that a claim holds: itself, or those of its list.
// A claim of that very name counts before one that a dot leads to: some
// providers' names are addresses.
func valuesOf(claims map[string]any, name string) []string {
	found, ok := claims[name]
	for path := name; !ok; {
		head, rest, deeper := strings.Cut(path, ".")
		if !deeper {
			return nil
		}
		object, is := claims[head].(map[string]any)
		if !is {
			return nil
		}
		claims, path = object, rest
		found, ok = claims[path]
	}
	switch value := found.(type) {
	case string:
		if value != "" {
			return []string{value}
		}
	case bool:
		return []string{fmt.Sprint(value)}
	case []any:
		var texts []string
		for _, one := range value {
			if text, ok := one.(string); ok && text != "" {
				texts = append(texts, text)
			}
		}
		return texts
	}
	return nil
}
