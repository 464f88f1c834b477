package paycor_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/redact"
)

const canary = "canary-7Q/x+9Zk=w2LmP"

// carrier contains secrets in every way a struct can. fmt calls no methods of
// values in unexported fields.
type carrier struct {
	Shown   paycor.Secret
	hidden  paycor.Secret
	Pointer *paycor.Secret
	pointer *paycor.Secret
	Any     any
	any     any
	List    []paycor.Secret
	list    []paycor.Secret
	Map     map[string]paycor.Secret
	byKey   map[paycor.Secret]int
	Draft   paycor.Draft
	draft   paycor.Draft
	Patch   paycor.Patch
	redact  redact.Redactor
}

func keep(value string) carrier {
	s := paycor.NewSecret(value)
	draft := paycor.Draft{ClientSecret: s, SubscriptionKey: s}
	return carrier{
		Shown: s, hidden: s, Pointer: &s, pointer: &s, Any: s, any: &s,
		List: []paycor.Secret{s}, list: []paycor.Secret{s},
		Map: map[string]paycor.Secret{"k": s}, byKey: map[paycor.Secret]int{s: 1},
		Draft: draft, draft: draft, Patch: paycor.Patch{ClientSecret: &s},
		redact: redact.New(s),
	}
}

// carriers are values that might be printed by mistake.
func carriers(value string) map[string]any {
	s := paycor.NewSecret(value)
	k := keep(value)
	return map[string]any{
		"secret":            s,
		"pointer":           &s,
		"slice":             []paycor.Secret{s},
		"array":             [1]paycor.Secret{s},
		"map value":         map[string]paycor.Secret{"k": s},
		"map key":           map[paycor.Secret]string{s: "v"},
		"struct":            k,
		"pointer to struct": &k,
		"draft":             k.Draft,
		"patch":             k.Patch,
		"request":           paycor.VerifyRequest{Draft: k.Draft},
		"redactor":          redact.New(s, paycor.NewSecret(value[:5])),
		"error":             fmt.Errorf("sending %v: %w", s, &paycor.Error{Message: message.Text("no"), Err: fmt.Errorf("%s", s)}),
	}
}

// assertHidden fails if out contains the value, or half of it, in any encoding
// that printing may produce.
func assertHidden(t *testing.T, out, value, road string) {
	t.Helper()
	for _, part := range []string{value, value[:len(value)/2], value[len(value)/2:], value[:5]} {
		for _, spelling := range []string{
			part, fmt.Sprintf("%x", part), fmt.Sprintf("%X", part), fmt.Sprintf("% x", part),
			strconv.QuoteToASCII(part), fmt.Sprint([]byte(part)), strings.Trim(fmt.Sprint([]byte(part)), "[]"),
		} {
			assert.NotContains(t, out, spelling, road)
		}
	}
}

func TestSecretIsHiddenFromEveryVerb(t *testing.T) {
	formats := []string{
		"%v", "%+v", "%#v", "%s", "%q", "%+q", "%#q", "%x", "%X", "% x", "%#x", "%d", "%t", "%c", "%b", "%o", "%e",
		"%f", "%g", "%U", "%p", "%w", "%T", "%z", "%10.3v", "%-40s|", "%[2]v", "%[1]*v", "%!", "no verb",
	}
	for name, carrier := range carriers(canary) {
		t.Run(name, func(t *testing.T) {
			for _, format := range formats {
				assertHidden(t, fmt.Sprintf(format, carrier), canary, format)
				assertHidden(t, fmt.Errorf(format, carrier).Error(), canary, "Errorf "+format)
			}
			assertHidden(t, fmt.Sprint(carrier), canary, "Sprint")
			assertHidden(t, fmt.Sprintln(carrier, carrier), canary, "Sprintln")
		})
	}
}

func TestSecretIsHiddenFromEncodersAndLogs(t *testing.T) {
	roads := map[string]func(any) string{
		"json": func(v any) string {
			out, err := json.Marshal(v)
			return fmt.Sprint(string(out), err)
		},
		"xml": func(v any) string {
			out, err := xml.Marshal(v)
			return fmt.Sprint(string(out), err)
		},
		"gob": func(v any) string {
			var b bytes.Buffer
			err := gob.NewEncoder(&b).Encode(v)
			return fmt.Sprint(b.String(), err)
		},
		"slog text": func(v any) string {
			var b bytes.Buffer
			slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v, slog.Group("g", "v", v))
			return b.String()
		},
		"slog JSON": func(v any) string {
			var b bytes.Buffer
			slog.New(slog.NewJSONHandler(&b, nil)).With("w", v).Info("m", "v", v)
			return b.String()
		},
		"template": func(v any) string {
			var b bytes.Buffer
			err := template.Must(template.New("").Parse(`{{.}} {{printf "%v" .}} {{js .}} {{html .}}`)).Execute(&b, v)
			return fmt.Sprint(b.String(), err)
		},
		"html template": func(v any) string {
			var b bytes.Buffer
			err := htmltemplate.Must(htmltemplate.New("").Parse(`<p title="{{.}}">{{.}}</p><script>let x = {{.}}</script>`)).Execute(&b, v)
			return fmt.Sprint(b.String(), err)
		},
		"joined errors": func(v any) string {
			return errors.Join(fmt.Errorf("%v", v), paycor.Errorf(paycor.KindInvalid, "%v", v)).Error()
		},
		"panic": func(v any) (out string) {
			defer func() { out = fmt.Sprint(recover()) }()
			panic(v)
		},
	}
	for road, take := range roads {
		for name, carrier := range carriers(canary) {
			t.Run(road+" of "+name, func(t *testing.T) {
				assertHidden(t, take(carrier), canary, road)
			})
		}
	}
}

func TestSecretShowsAMarkWhereThereIsAValue(t *testing.T) {
	for name, test := range map[string]struct{ value, want string }{
		"value":   {canary, "[secret]"},
		"nothing": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := paycor.NewSecret(test.value)
			text, err := s.MarshalText()
			require.NoError(t, err)
			inJSON, err := json.Marshal(s)
			require.NoError(t, err)
			assert.Equal(t, test.want, s.String())
			assert.Equal(t, test.want, fmt.Sprintf("%v", s))
			assert.Equal(t, test.want, fmt.Sprintf("%x", s))
			assert.Equal(t, test.want, string(text))
			assert.Equal(t, strconv.Quote(test.want), string(inJSON))
			assert.Equal(t, test.want, slog.AnyValue(s).Resolve().String())
			assert.Equal(t, test.value, s.Reveal())
			assert.Equal(t, test.value == "", s.IsZero())
		})
	}
}

func TestSecretsAreEqualWhenTheirValuesAre(t *testing.T) {
	assert.True(t, paycor.NewSecret("one") == paycor.NewSecret("o"+strings.ToLower("NE")))
	assert.False(t, paycor.NewSecret("one") == paycor.NewSecret("two"))
	assert.True(t, paycor.NewSecret("") == paycor.Secret{})
	assert.True(t, reflect.DeepEqual(paycor.NewSecret("one"), paycor.NewSecret("one")))
}

func TestSecretComesInFromJSON(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"text":    {`"a\u002Bb"`, "a+b"},
		"nothing": {`""`, ""},
		"null":    {`null`, "before"},
	} {
		t.Run(name, func(t *testing.T) {
			s := paycor.NewSecret("before")
			require.NoError(t, json.Unmarshal([]byte(test.in), &s))
			assert.Equal(t, test.want, s.Reveal())
		})
	}
}

// A program may send a secret in place of another value, or another value in
// place of a secret. The error names the field and repeats no value.
func TestBadJSONIsNotRepeated(t *testing.T) {
	for name, test := range map[string]struct{ body, field string }{
		"number as secret":  {`{"client_secret":7312908845}`, "client_secret"},
		"list as secret":    {`{"client_secret":["` + canary + `"]}`, "client_secret"},
		"object as secret":  {`{"subscription_key":{"k":"` + canary + `"}}`, "subscription_key"},
		"text as entity":    {`{"legal_entity_id":"` + canary + `"}`, "legal_entity_id"},
		"list as entity":    {`{"legal_entity_id":[7312908845]}`, "legal_entity_id"},
		"object as entity":  {`{"legal_entity_id":{"k":7312908845}}`, "legal_entity_id"},
		"boolean as entity": {`{"legal_entity_id":true}`, "legal_entity_id"},
	} {
		for kind, into := range map[string]any{"draft": &paycor.Draft{}, "patch": &paycor.Patch{}} {
			t.Run(name+" in a "+kind, func(t *testing.T) {
				err := json.Unmarshal([]byte(test.body), into)
				var wrongType *json.UnmarshalTypeError
				require.ErrorAs(t, err, &wrongType)
				assert.Equal(t, test.field, wrongType.Field)
				assertHidden(t, err.Error(), canary, "error")
				assert.NotContains(t, err.Error(), "7312908845")
			})
		}
	}
}
