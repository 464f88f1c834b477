package command

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

type configCommand struct {
	Check configCheck `cmd:"" help:"cli.help.config-check"`
}

// configCheck has the flags of serve, so that it finds the same configuration.
type configCheck struct {
	serve
}

// Run prints the effective configuration as a configuration file, with where each value
// comes from, and reports everything that serve would reject.
func (c *configCheck) Run(_ context.Context, terminal terminal, ctx *kong.Context, file *configFile) error {
	text, err := effectiveConfig(ctx, file)
	if err != nil {
		return err
	}
	fmt.Fprint(terminal.out, text)
	if _, _, _, err := c.configuration(file); err != nil {
		return err
	}
	for _, sentence := range misspelledVariables(ctx.Model, os.Environ()) {
		fmt.Fprintf(terminal.out, "# %s\n", sentence)
	}
	fmt.Fprintf(terminal.out, "# %s\n", say("cli.config-valid"))
	return nil
}

// effectiveConfig returns the settings that have a value. Passwords in addresses are left
// out; all other secrets are in files.
func effectiveConfig(ctx *kong.Context, file *configFile) (string, error) {
	settings := &yaml.Node{Kind: yaml.MappingNode}
	for _, flag := range ctx.Selected().Flags {
		value := new(yaml.Node)
		if err := value.Encode(readable(flag.Target.Interface())); err != nil {
			return "", err
		}
		if value.Value == "" && len(value.Content) == 0 {
			continue
		}
		value.LineComment = file.source(ctx, flag)
		name := &yaml.Node{Kind: yaml.ScalarNode, Value: flag.Name}
		if value.Kind == yaml.SequenceNode {
			name.LineComment, value.LineComment = value.LineComment, ""
		}
		settings.Content = append(settings.Content, name, value)
	}
	text, err := yaml.Marshal(settings)
	return string(text), err
}

// readable returns a value as a configuration file has it.
func readable(value any) any {
	switch value := value.(type) {
	case string:
		return withoutPassword(value)
	case []string:
		var list []string
		for _, item := range value {
			list = append(list, withoutPassword(item))
		}
		return list
	case time.Duration:
		return shortDuration(value)
	case lifetime:
		return shortDuration(time.Duration(value))
	}
	return value
}

// shortDuration returns a duration without zeros at its end, such as 24h.
func shortDuration(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// withoutPassword replaces the password of an address.
func withoutPassword(text string) string {
	address, err := url.Parse(text)
	if err != nil && strings.HasPrefix(text, "postgres") { // perhaps because of the password
		return "postgres://xxxxx"
	}
	if err != nil {
		return text
	}
	query := address.Query()
	for _, name := range []string{"password", "sslpassword"} { // of a database
		if query.Has(name) {
			query.Set(name, "xxxxx")
			address.RawQuery = query.Encode()
		}
	}
	if address.User == nil && !query.Has("password") && !query.Has("sslpassword") {
		return text
	}
	return address.Redacted()
}
