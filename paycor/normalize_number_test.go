package paycor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

func TestNormalizeNumber(t *testing.T) {
	for typed, want := range map[string]string{
		"501,123": "501123", "501.123": "501123", "501 123": "501123", "501\u00a0123": "501123", "501\u202f123": "501123", "501'123": "501123", "501’123": "501123",
		"1,501,123": "1501123", "501_123": "501123", "501123.0": "501123", "501123.00": "501123", "501123,00": "501123", "501,123.00": "501123", "501.123,0": "501123",
		"+501123": "501123", "#501123": "501123", "# 501123": "501123", "5.01123E+05": "501123", "5,01123e5": "501123", `"501,123"`: "501123", " 501123.0\n": "501123",
		"٥٠١١٢٣": "501123", "５０１１２３": "501123", "Legal Entity ID: 501,123": "501123",
		"'501123": "'501123", "501123": "501123", "50,1123": "50,1123", "501,12": "501,12", "501123.5": "501123.5", "5.011235E+03.5": "5.011235E+03.5",
		"-501123": "-501123", "0x7A583": "0x7A583", "five": "five", "3000000000.0": "3000000000.0", "0.0": "0.0", "": "", "501123 501124": "501123 501124",
	} {
		cleaned, artifact := paycor.NormalizeField(fields.LegalEntityID, typed)
		assert.Equal(t, want, cleaned, "%q", typed)
		assert.Equal(t, cleaned != typed, len(artifact) > 0, "%q says what was removed", typed)
		again, none := paycor.NormalizeField(fields.LegalEntityID, cleaned)
		assert.Equal(t, cleaned, again, "%q", typed)
		assert.Empty(t, none, "%q", typed)
	}
	cleaned, _ := paycor.NormalizeField(fields.ClientSecret, "501,123")
	assert.Equal(t, "501,123", cleaned, "in another field a comma may belong to the value")
}

func TestASpeltNumberIsSaidAndNotRepeated(t *testing.T) {
	draft := paycor.Draft{Name: "x", Environment: "production", ClientID: "00000000000000000a01", ClientSecret: paycor.NewSecret("s/e+c"),
		SubscriptionKey: paycor.NewSecret("000000000000000000000000000000b1"), LegalEntityID: "501,123"}
	report := paycor.Check(draft, paycor.Rules{Environments: paycor.Environments()})
	assert.Equal(t, []fields.Problem{{Field: fields.LegalEntityID, Code: fields.ProblemNotInteger,
		Message: message.New("problem.artifacts", fields.LegalEntityID.Label(), message.New("artifact.separators"), message.New("artifact.separators.rest"))}}, report.Problems)
}

func FuzzNormalizeNumber(f *testing.F) {
	for _, seed := range []string{"501,123", "5.01E5", "٥", "+#1.000,0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		cleaned, artifact := paycor.NormalizeField(fields.LegalEntityID, typed)
		if again, _ := paycor.NormalizeField(fields.LegalEntityID, cleaned); again != cleaned {
			t.Fatalf("%q becomes %q, and that becomes %q", typed, cleaned, again)
		}
		if cleaned != typed && len(artifact) == 0 {
			t.Fatalf("%q becomes %q and no artifact is reported", typed, cleaned)
		}
	})
}
