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

// helpTexts are the texts of "--help", named as the flags' tags refer to them:
// help_token_name is the sentence cli.help.token-name.
func helpTexts() kong.Vars {
	texts := kong.Vars{}
	for _, key := range locale.English.Keys() {
		if name, ok := strings.CutPrefix(key, "cli.help."); ok {
			texts["help_"+strings.ReplaceAll(name, "-", "_")] = catalogue.Text(key)
		}
	}
	return texts
}

// texts renders messages in the language of the command line.
func texts(messages []message.Message) []string {
	rendered := make([]string, len(messages))
	for i, m := range messages {
		rendered[i] = m.In(catalogue)
	}
	return rendered
}
