package docs

import (
	"fmt"
	"strings"

	"paycorcred/app/locale"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// verificationCodes returns every verification code in Markdown.
func verificationCodes() (string, error) {
	var text strings.Builder
	for _, code := range verdicts.Codes() {
		verdict := code.Verdict()
		fmt.Fprintf(&text, "### `%s`\n\n%s", code, outcome(verdict.Outcome))
		if len(verdict.Fields) > 0 {
			fmt.Fprintf(&text, " · %s", fieldNames(verdict.Fields))
		}
		fmt.Fprintf(&text, "\n\n%s", verdict.Message.In(locale.English))
		if remedy := verdict.Remedy.In(locale.English); remedy != "" {
			fmt.Fprintf(&text, "\n\n%s", remedy)
		}
		text.WriteString("\n\n")
	}
	return text.String(), nil
}

// outcome returns an outcome as text: "needs_activation" becomes "Needs
// activation".
func outcome(o verdicts.Outcome) string {
	text := strings.ReplaceAll(string(o), "_", " ")
	return strings.ToUpper(text[:1]) + text[1:]
}

// fieldNames returns the labels of fields.
func fieldNames(list []fields.Field) string {
	names := make([]string, len(list))
	for i, field := range list {
		names[i] = field.Label().In(locale.English)
	}
	return strings.Join(names, " or ")
}
