package command

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// variablePrefix is how the environment variables of all flags begin.
const variablePrefix = "PAYCORCRED_"

// misspelledVariables returns a sentence for each environment variable that no flag has but
// whose name is close to that of a setting. Other ones that begin like ours are not: Kubernetes
// sets PAYCORCRED_PORT and more for a service of that name.
func misspelledVariables(model *kong.Application, environment []string) (sentences []string) {
	known := variablesOf(model.Node)
	for _, text := range environment {
		name, _, _ := strings.Cut(text, "=")
		rest, ours := strings.CutPrefix(name, variablePrefix)
		if !ours || slices.Contains(known, name) {
			continue
		}
		if near := nearest(rest, append(serveFlags(model), model.Flags...)); near != "" {
			sentences = append(sentences, say("cli.variable-unknown", name, variablePrefix+strings.ToUpper(strings.ReplaceAll(near, "-", "_"))))
		}
	}
	slices.Sort(sentences)
	return sentences
}

// variablesOf returns the variables of all flags of a command and of those below it.
func variablesOf(node *kong.Node) (names []string) {
	for _, flag := range node.Flags {
		names = append(names, flag.Envs...)
	}
	for _, child := range node.Children {
		names = append(names, variablesOf(child)...)
	}
	return names
}
