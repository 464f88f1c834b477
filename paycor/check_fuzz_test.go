package paycor_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// typings are values that a person or a program may send for any field.
var typings = []string{
	"", " ", "\u200b", "a", "Payroll", "production", "client_credentials", clientID, clientSecret, subscriptionKey, scopeID, entityID,
	"0", "1", "2147483647", "2147483648", "1e3", "1.5", "+1", "007", "٥٠١", "678556", strings.Repeat("f", 20), strings.Repeat("f", 32),
	" " + clientID, clientSecret + "\n", "\u00a0" + subscriptionKey, "\ufeff" + entityID, "Bearer " + clientSecret, "bearer\t" + subscriptionKey,
	"Ocp-Apim-Subscription-Key: " + subscriptionKey, "Authorization: Bearer " + clientSecret, "Client ID: " + clientID, "client_id=",
	`"` + clientID + `"`, "“" + clientSecret + "”", "«" + scopeID + "»", `""`, `"`, "'Bearer '", "ab cd", "ab\ncd", "ab\u2028cd", "a\u200bb",
	"a\x00b", "a\xffb", "\xed\xa0\x80", "a\ufffdb", "👩\u200d👧", "\u200d", "\u202eabc", "\U000e0041", "\u2800", "é", "%s%d%!",
	strings.Repeat("x", 101), strings.Repeat("é", 1001), strings.Repeat("x", 4096), strings.Repeat("x", 4097), strings.Repeat(`"`, 4096),
}

// digits are the lengths that a message may contain.
var digits = regexp.MustCompile(`has \d+ characters`)

// sentences returns every sentence that the typings cause, with numbers
// normalized.
func sentences(t testing.TB) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	note := func(draft paycor.Draft) {
		for _, rules := range []paycor.Rules{rules, {}, {Environments: rules.Environments, StoredEnvironment: "sandbox"}, {Environments: rules.Environments, Verification: true, Stored: []fields.Field{fields.ClientSecret, fields.SubscriptionKey}}} {
			report := paycor.Check(draft, rules)
			for _, problem := range append(report.Problems, report.Warnings...) {
				found[digits.ReplaceAllString(problem.Message.In(locale.English), "has 5000 characters")] = true
			}
		}
	}
	for _, field := range allFields {
		for _, typing := range typings {
			note(with(field, typing))
		}
		for _, other := range allFields {
			note(set(with(field, "0123x"), other, "0123x"))
			note(set(with(field, "678556"), other, "678556"))
			note(set(with(field, scopeID), other, scopeID))
			note(set(with(field, clientID), other, clientID))
		}
	}
	return found
}

func FuzzCheck(f *testing.F) {
	for i, typing := range typings {
		f.Add(uint8(i), typing, typings[(i+7)%len(typings)], typings[(i+19)%len(typings)], uint8(i))
	}
	// The words that messages contain anyway: a value that is one of them
	// proves nothing.
	var vocabulary strings.Builder
	for sentence := range sentences(f) {
		vocabulary.WriteString(sentence + "\n")
	}
	words := strings.ToLower(vocabulary.String())

	f.Fuzz(func(t *testing.T, which uint8, first, second, third string, flags uint8) {
		draft := good()
		for i, typed := range []string{first, second, third} {
			draft = set(draft, allFields[(int(which)+i*(1+int(flags>>5)))%len(allFields)], typed)
		}
		rules := paycor.Rules{Environments: rules.Environments, Verification: flags&1 != 0}
		if flags&2 != 0 {
			rules.Stored = []fields.Field{fields.ClientSecret, fields.SubscriptionKey}
		}
		if flags&4 != 0 {
			rules.StoredEnvironment = "production"
		}
		report := paycor.Check(draft, rules)
		require.Equal(t, report, paycor.Check(draft, rules), "not the same twice")

		clean := draft.Clean()
		require.Equal(t, clean, clean.Clean())
		require.Equal(t, report, paycor.Check(clean, rules), "cleaning changes the report")

		found := append(slices.Clone(report.Problems), report.Warnings...)
		seen := map[fields.Field]bool{}
		for _, problem := range found {
			require.False(t, seen[problem.Field], "%s is named twice", problem.Field)
			seen[problem.Field] = true
			require.NotEmpty(t, problem.Code)
			require.True(t, utf8.ValidString(problem.Message.In(locale.English)))
			for _, field := range allFields {
				value := strings.ToLower(draft.Value(field))
				if len(value) >= 6 && !strings.Contains(words, value) {
					require.NotContains(t, strings.ToLower(problem.Message.In(locale.English)), value)
				}
			}
		}
		require.True(t, slices.IsSortedFunc(report.Problems, func(a, b fields.Problem) int {
			return slices.Index(allFields, a.Field) - slices.Index(allFields, b.Field)
		}))
		if len(report.Problems) == 0 {
			requireUsable(t, clean, rules)
		}

		// Normalize is idempotent, and its result causes no problem about
		// artifacts.
		for _, field := range []fields.Field{fields.ClientID, fields.ClientSecret, fields.SubscriptionKey, fields.Scope} {
			cleaned, _ := paycor.Normalize(draft.Value(field))
			again, none := paycor.Normalize(cleaned)
			require.Equal(t, cleaned, again)
			require.Empty(t, none)
			draft = set(draft, field, cleaned)
		}
		for _, problem := range paycor.Check(draft, rules).Problems {
			switch problem.Field {
			case fields.Name, fields.Description, fields.LegalEntityID, fields.Tags, fields.Owner:
				continue
			}
			inside := problem.Message.Key == "problem.value-space" || problem.Message.Key == "problem.value-line-break"
			require.False(t, problem.Code == fields.ProblemBlanks && !inside, problem.Message)
			require.NotContains(t, []fields.ProblemCode{fields.ProblemInvisible, fields.ProblemBearer, fields.ProblemHeaderName, fields.ProblemQuotes}, problem.Code)
		}
	})
}

// requireUsable fails if a draft without problems could not be stored and sent
// unchanged.
func requireUsable(t *testing.T, draft paycor.Draft, rules paycor.Rules) {
	t.Helper()
	for _, field := range allFields {
		require.True(t, utf8.ValidString(draft.Value(field)), field)
		require.NotContains(t, draft.Value(field), "\x00", field)
	}
	for _, field := range []fields.Field{fields.ClientID, fields.ClientSecret, fields.SubscriptionKey, fields.Scope} {
		require.False(t, strings.ContainsFunc(draft.Value(field), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), field)
		require.LessOrEqual(t, utf8.RuneCountInString(draft.Value(field)), paycor.MaxValue)
	}
	if draft.LegalEntityID != "" || !rules.Verification {
		_, err := draft.LegalEntityID.LegalEntityID()
		require.NoError(t, err)
	}
}
