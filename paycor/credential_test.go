package paycor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

var (
	settling   = []verdicts.Outcome{verdicts.OutcomeVerified, verdicts.OutcomeRejected, verdicts.OutcomeNeedsActivation}
	troubles   = []verdicts.Outcome{verdicts.OutcomeUnreachable, verdicts.OutcomeThrottled}
	stateAfter = map[verdicts.Outcome]paycor.State{
		verdicts.OutcomeVerified:        paycor.StateVerified,
		verdicts.OutcomeRejected:        paycor.StateRejected,
		verdicts.OutcomeNeedsActivation: paycor.StateNeedsActivation,
	}
)

// Every valid pair of verdicts, and some invalid ones.
func TestStateOf(t *testing.T) {
	const none = verdicts.Outcome("none")
	all := append(append([]verdicts.Outcome{none, "", "of a later version"}, settling...), troubles...)
	for _, latest := range all {
		for _, settled := range all {
			t.Run(fmt.Sprintf("latest %s, settled %s", latest, settled), func(t *testing.T) {
				want := paycor.StateNotVerified
				if state, ok := stateAfter[settled]; ok {
					want = state
					if _, settles := stateAfter[latest]; latest != none && !settles {
						want = paycor.StateNotReachable
					}
				}
				assert.Equal(t, want, paycor.StateOf(verdict(latest, none), verdict(settled, none)))
			})
		}
	}
}

func verdict(outcome, none verdicts.Outcome) *verdicts.Verdict {
	if outcome == none {
		return nil
	}
	return &verdicts.Verdict{Outcome: outcome}
}

// In any order of events, an outage or throttling changes neither the
// conclusive verdict nor, once Paycor is back, the state.
func TestJudgeInEveryOrder(t *testing.T) {
	outcomes := append(append([]verdicts.Outcome{}, settling...), troubles...)
	for _, first := range outcomes {
		for _, second := range outcomes {
			for _, third := range outcomes {
				t.Run(fmt.Sprintf("%s, %s, %s", first, second, third), func(t *testing.T) {
					credential := paycor.Credential{State: paycor.StateNotVerified}
					var settled *verdicts.Verdict
					for _, outcome := range []verdicts.Outcome{first, second, third} {
						next := verdicts.Verdict{Outcome: outcome, Code: verdicts.Code(outcome)}
						credential = credential.WithVerdict(next)
						want := paycor.StateNotReachable
						if state, ok := stateAfter[outcome]; ok {
							settled, want = &next, state
						} else if settled == nil {
							want = paycor.StateNotVerified
						}
						assert.Equal(t, want, credential.State)
						assert.Equal(t, &next, credential.Verdict)
						assert.Equal(t, settled, credential.LastConclusive)
					}
				})
			}
		}
	}
}

func TestJudgeLeavesTheOriginalAlone(t *testing.T) {
	before := paycor.Credential{State: paycor.StateNotVerified}
	after := before.WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeVerified})
	assert.Equal(t, paycor.Credential{State: paycor.StateNotVerified}, before)

	after.Verdict.Outcome = verdicts.OutcomeThrottled
	assert.Equal(t, verdicts.OutcomeVerified, after.LastConclusive.Outcome, "latest and settled are one and the same")
}

func TestJudgeTakesTheEntitysName(t *testing.T) {
	for name, test := range map[string]struct {
		entities []verdicts.LegalEntity
		want     string
	}{
		"named":          {[]verdicts.LegalEntity{{ID: 8, Name: "Other"}, {ID: 7, Name: "Acme"}}, "Acme"},
		"without a name": {[]verdicts.LegalEntity{{ID: 7}}, "Before"},
		"another one":    {[]verdicts.LegalEntity{{ID: 8, Name: "Other"}}, "Before"},
		"none":           {nil, "Before"},
	} {
		t.Run(name, func(t *testing.T) {
			credential := paycor.Credential{LegalEntityID: 7, LegalEntityName: "Before"}
			assert.Equal(t, test.want, credential.WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeVerified, Entities: test.entities}).LegalEntityName)
		})
	}
}

func TestWithoutVerdict(t *testing.T) {
	credential := paycor.Credential{ID: "c1", Name: "Payroll", LegalEntityName: "Acme", Version: 3}.WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeRejected})
	assert.Equal(t, paycor.Credential{ID: "c1", Name: "Payroll", LegalEntityName: "Acme", Version: 3, State: paycor.StateNotVerified}, credential.WithoutVerdict())
}

// The name of a legal entity belongs to its ID, and stays as long as that does.
func TestWithDraftKeepsTheNameOfTheLegalEntity(t *testing.T) {
	before := paycor.Credential{Environment: "sandbox", LegalEntityID: 7, LegalEntityName: "Acme"}
	for name, test := range map[string]struct {
		draft paycor.Draft
		want  string
	}{
		"another secret":       {paycor.Draft{Environment: "sandbox", LegalEntityID: "7", ClientSecret: paycor.NewSecret("new")}, "Acme"},
		"another legal entity": {paycor.Draft{Environment: "sandbox", LegalEntityID: "8"}, ""},
		"another environment":  {paycor.Draft{Environment: "production", LegalEntityID: "7"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			after, err := before.WithDraft(test.draft)
			require.NoError(t, err)
			assert.Equal(t, test.want, after.LegalEntityName)
		})
	}
}

// The ETag changes with everything a response shows, and starts with the
// version.
func TestETag(t *testing.T) {
	at := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	fresh := paycor.Credential{Version: 12}
	used := fresh
	used.LastUsedAt = at
	judged := fresh.WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeVerified, CheckedAt: at.Add(time.Second)})
	again := fresh.WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeUnreachable, CheckedAt: at.Add(2 * time.Second)})
	edited := paycor.Credential{Version: 13}

	seen := map[string]bool{}
	for name, credential := range map[string]paycor.Credential{"fresh": fresh, "used": used, "judged": judged, "again": again, "edited": edited} {
		tag := credential.ETag()
		assert.Regexp(t, `^"\d+-[0-9a-z]+"$`, tag, name)
		assert.True(t, strings.HasPrefix(tag, fmt.Sprintf(`"%d-`, credential.Version)), name)
		assert.False(t, seen[tag], name)
		assert.Equal(t, tag, credential.ETag())
		seen[tag] = true
	}
}

func TestDraftOfACredential(t *testing.T) {
	credential := paycor.Credential{
		ID: "c1", Name: "Payroll", Description: "Nightly headcount", Environment: "production", Grant: paycor.GrantClientCredentials,
		ClientID: clientID, LegalEntityID: 501123, Scope: scopeID, HasClientSecret: true, HasSubscriptionKey: true,
	}
	want := good()
	want.ClientSecret, want.SubscriptionKey = paycor.Secret{}, paycor.Secret{}
	assert.Equal(t, want, credential.Draft())
	assert.Empty(t, paycor.Credential{}.Draft().LegalEntityID, "no number is no Legal Entity ID, not 0")
}

func TestConclusiveOutcomes(t *testing.T) {
	for _, outcome := range settling {
		assert.True(t, outcome.Conclusive(), outcome)
	}
	for _, outcome := range append([]verdicts.Outcome{"", "of a later version"}, troubles...) {
		assert.False(t, outcome.Conclusive(), outcome)
	}
}

func TestOrderOfSteps(t *testing.T) {
	assert.Equal(t, []verdicts.StepName{"format", "key", "token", "entities", "legal_entity", "data_access"}, verdicts.StepNames())
}
