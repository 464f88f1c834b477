package paycor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/verdicts"
)

func TestWhatNeedsAttention(t *testing.T) {
	const today = paycor.Day("2031-05-06")
	verdict := func(code verdicts.Code) paycor.Credential { return paycor.Credential{}.WithVerdict(code.Verdict()) }
	verified := verdict(verdicts.CodeVerified)
	rotating := func(by paycor.Day) paycor.Credential { c := verified; c.RotateBy = by; return c }
	for name, test := range map[string]struct {
		credential    paycor.Credential
		any, rotation bool
	}{
		"verified":              {verified, false, false},
		"never verified":        {paycor.Credential{State: paycor.StateNotVerified}, false, false},
		"rejected":              {verdict(verdicts.CodeSecretRejected), true, false},
		"needs activation":      {verdict(verdicts.CodeActivationNeeded), true, false},
		"not reachable":         {verified.WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeUnreachable}), true, false},
		"can read nothing":      {verdict(verdicts.CodeVerifiedNoAccess), true, false},
		"rotation passed":       {rotating("2031-05-05"), true, true},
		"rotation today":        {rotating("2031-05-06"), true, true},
		"rotation in 14 days":   {rotating("2031-05-20"), true, true},
		"rotation in 15 days":   {rotating("2031-05-21"), false, false},
		"rejected and rotation": {func() paycor.Credential { c := verdict(verdicts.CodeSecretRejected); c.RotateBy = today; return c }(), true, true},
	} {
		assert.Equal(t, test.any, test.credential.NeedsAttention(today), name)
		assert.Equal(t, test.any, paycor.Filter{Attention: listing.AttentionAny}.Matches(test.credential, today), name)
		assert.Equal(t, test.rotation, paycor.Filter{Attention: listing.AttentionRotation}.Matches(test.credential, today), name)
		at, _ := today.Time()
		_, remind := test.credential.RotationDue(at)
		assert.Equal(t, test.rotation, remind, "%s: the reminder agrees", name)
	}
}

func TestFilterMatches(t *testing.T) {
	c := paycor.Credential{State: paycor.StateVerified, Environment: "sandbox", Tags: "bakery, payroll", Owner: "Ann Example"}
	for filter, want := range map[paycor.Filter]bool{
		{}:                                 true,
		{State: paycor.StateVerified}:      true,
		{State: paycor.StateRejected}:      false,
		{Environment: "sandbox"}:           true,
		{Environment: "production"}:        false,
		{Tag: " BAKERY "}:                  true,
		{Tag: "bake"}:                      false,
		{Owner: " ann EXAMPLE"}:            true,
		{Owner: "ann"}:                     false,
		{Tag: "payroll", Owner: "someone"}: false,
	} {
		assert.Equal(t, want, filter.Clean().Matches(c, "2031-05-06"), "%+v", filter)
	}
}
