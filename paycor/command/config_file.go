package command

import (
	"bytes"
	"errors"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"paycorcred/paycor/message"
	"paycorcred/paycor/textfile"
)

// configFile is a configuration file: settings in YAML, named as the flags of serve. Flags
// and environment variables override it. The zero configFile has no settings.
type configFile struct {
	path     string
	settings map[string]*yaml.Node // the value of each, by name
	problems []string              // everything that is wrong with the file
}

// readConfigFile reads a file. Problems are not errors, so that one run reports all of them.
func readConfigFile(path string, known []*kong.Flag) *configFile {
	f := &configFile{path: path, settings: map[string]*yaml.Node{}}
	if path == "" {
		return f
	}
	text, err := textfile.Read(path)
	if err != nil {
		f.report("cli.config-unreadable", path, textfile.Cause(err))
		return f
	}
	f.parse(text, known)
	return f
}

func (f *configFile) report(key string, args ...any) {
	f.problems = append(f.problems, say(key, args...))
}

// tabIndent matches a line that is indented with a tab, which YAML does not allow.
var tabIndent = regexp.MustCompile(`(?m)^ *\t`)

func (f *configFile) parse(text []byte, known []*kong.Flag) {
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) { // nothing but comments
		return
	}
	if err != nil && tabIndent.Match(text) {
		f.report("cli.config-tabs", f.path, strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	if err != nil {
		f.report("cli.config-syntax", f.path, strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) || document.Content[0].Kind != yaml.MappingNode {
		f.report("cli.config-form", f.path)
		return
	}
	for pair := range slices.Chunk(document.Content[0].Content, 2) {
		f.add(pair[0], pair[1], known)
	}
}

// add checks a setting and adds it.
func (f *configFile) add(name, value *yaml.Node, known []*kong.Flag) {
	at := slices.IndexFunc(known, func(flag *kong.Flag) bool { return flag.Name == name.Value })
	if _, twice := f.settings[name.Value]; twice {
		f.report("cli.config-twice", f.path, name.Line, name.Value)
		return
	}
	if at < 0 {
		if near := nearest(name.Value, known); near != "" {
			f.report("cli.config-unknown-near", f.path, name.Line, name.Value, near)
		} else {
			f.report("cli.config-unknown", f.path, name.Line, name.Value)
		}
		return
	}
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	typed, err := valueOf(value, known[at])
	if err == nil {
		err = try(known[at], typed)
	}
	if err != nil {
		f.report("cli.config-value", f.path, value.Line, name.Value, explain(err))
		return
	}
	f.settings[name.Value] = value
}

// valueOf returns a value as kong takes it: text, or a list of texts.
func valueOf(node *yaml.Node, flag *kong.Flag) (any, error) {
	if node.Kind == yaml.SequenceNode && flag.IsSlice() {
		texts := make([]any, len(node.Content))
		for i, item := range node.Content {
			if item.Kind == yaml.AliasNode {
				item = item.Alias
			}
			if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
				return nil, message.Errorf("cli.config-type", message.New("type.strings"))
			}
			texts[i] = item.Value
		}
		return texts, nil
	}
	switch {
	case node.Tag == "!!null":
		return nil, message.Errorf("cli.config-empty")
	case node.Kind != yaml.ScalarNode, node.Tag == "!!bool" != flag.IsBool():
		return nil, message.Errorf("cli.config-type", typeOf(flag))
	case flag.Enum != "" && !flag.EnumMap()[node.Value]:
		return nil, message.Errorf("cli.config-choice", strings.Join(flag.EnumSlice(), ", "))
	case flag.IsSlice():
		return []any{node.Value}, nil
	}
	return node.Value, nil
}

// try decodes a value without setting the flag.
func try(flag *kong.Flag, value any) error {
	into := reflect.New(flag.Target.Type()).Elem()
	copied := *flag.Value
	err := copied.Parse(kong.Scan().PushTyped(value, kong.FlagValueToken), into)
	if err == nil {
		return nil
	}
	if kind := typeOf(flag); !kind.IsZero() {
		return message.Errorf("cli.config-type", kind)
	}
	return err
}

// typeOf returns what a flag takes, or no sentence if its own error says so.
func typeOf(flag *kong.Flag) message.Message {
	switch flag.Target.Interface().(type) {
	case bool:
		return message.New("type.bool")
	case int:
		return message.New("type.integer")
	case string:
		return message.New("type.string")
	case []string:
		return message.New("type.strings")
	}
	return message.New("cli.config-duration")
}

// nearest returns the name of the flag that a misspelled one most likely is, or "".
func nearest(name string, known []*kong.Flag) (near string) {
	best := len(name)/3 + 1
	for _, flag := range known {
		if far := editDistance(strings.ReplaceAll(strings.ToLower(strings.TrimLeft(name, "-")), "_", "-"), flag.Name); far <= best {
			near, best = flag.Name, far-1
		}
	}
	return near
}

// editDistance returns how many letters have to be inserted, deleted or replaced.
func editDistance(from, to string) int {
	row := make([]int, len(to)+1)
	for i := range row {
		row[i] = i
	}
	for i := range len(from) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(to) {
			cost := diagonal
			if from[i] != to[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(to)]
}

// Validate implements kong.Resolver.
func (f *configFile) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver. Commands that are not about the configuration share names
// of flags with serve that mean something else there, and need nothing but the database.
func (f *configFile) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	node := f.settings[flag.Name]
	if node == nil || variableOf(flag) != "" || !slices.Contains(databaseFlags, flag.Name) && !readsAll(ctx) {
		return nil, nil
	}
	return valueOf(node, flag)
}

// variableOf returns the environment variable that sets a flag, or "".
func variableOf(flag *kong.Flag) string {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return name
		}
	}
	return ""
}

// readsAll reports whether all flags that a command shares with serve mean the same there, so
// that it reads all of them from the file.
func readsAll(ctx *kong.Context) bool {
	return slices.Contains([]string{"serve", "config check", "doctor", "oidc check"}, ctx.Command())
}

// usableBy reports whether a command can do its work with what is right in the file: serve and
// config check report its problems with all others, and most commands need only the database.
func (f *configFile) usableBy(ctx *kong.Context) bool {
	if len(f.problems) == 0 {
		return true
	}
	switch ctx.Command() {
	case "serve", "config check":
		return true
	case "oidc check":
		return false
	}
	return slices.ContainsFunc(databaseFlags, func(name string) bool { return f.settings[name] != nil })
}

// source says where the value of a flag comes from.
func (f *configFile) source(ctx *kong.Context, flag *kong.Flag) string {
	for _, path := range ctx.Path {
		if path.Flag == flag && !path.Resolved {
			return say("cli.config-from-flag", flag.Name)
		}
	}
	if name := variableOf(flag); name != "" {
		return name
	}
	if node := f.settings[flag.Name]; node != nil {
		return f.path + ":" + strconv.Itoa(node.Line)
	}
	return say("cli.config-from-default")
}

// serveFlags returns the flags of serve, which are the settings of a configuration file.
func serveFlags(model *kong.Application) []*kong.Flag {
	for _, command := range model.Children {
		if command.Name == "serve" {
			return command.Flags
		}
	}
	return nil
}
