package command

import (
	"cmp"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"paycorcred/app/locale"
	"paycorcred/paycor/message"
)

// catalogue has the command line's sentences in the language of the
// environment: LC_ALL, LC_MESSAGES or LANG.
var catalogue = locale.Match(languageTag(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))))

// languageTag converts a locale such as "es_MX.UTF-8" to "es-MX".
func languageTag(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return strings.ReplaceAll(name, "_", "-")
}

// say returns a sentence of the command line.
func say(key string, args ...any) string { return message.New(key, args...).In(catalogue) }

// explain returns what an error means, in the language of the command line.
func explain(err error) string { return message.Of(err).In(catalogue) }

// setHelp gives flags, arguments and commands their texts for "--help". Their tags have the
// keys. Kong's variables would do that, too, but it expands each of them again for each flag,
// which takes longer than most commands.
func setHelp(model *kong.Application) {
	_ = kong.Visit(model, func(node kong.Visitable, next kong.Next) error {
		switch node := node.(type) {
		case *kong.Node:
			node.Help = helpText(node.Help)
		case *kong.Flag:
			node.Help = helpText(node.Help)
		case *kong.Value:
			node.Help = helpText(node.Help)
		}
		return next(nil)
	})
}

func helpText(key string) string {
	if !strings.HasPrefix(key, "cli.help.") {
		return key
	}
	return catalogue.Text(key)
}

// texts renders messages in the language of the command line.
func texts(messages []message.Message) []string {
	rendered := make([]string, len(messages))
	for i, m := range messages {
		rendered[i] = m.In(catalogue)
	}
	return rendered
}
