package paycor

import (
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
	"slices"
	"strings"
)

// CounterpartAnswer is what the other environment says.
type CounterpartAnswer struct {
	Environment string           `json:"environment"` // its name
	Works       bool             `json:"works"`       // it takes the key, and the client as far as it was asked about it
	Verdict     verdicts.Verdict `json:"verdict"`
}

// NewCounterpartAnswer reads what a verdict of the other environment says.
func NewCounterpartAnswer(environment string, verdict verdicts.Verdict) CounterpartAnswer {
	works := verdict.Outcome.Conclusive() && !verdict.Misplaced() && verdict.Code != verdicts.CodeLooksSwapped
	return CounterpartAnswer{Environment: environment, Works: works, Verdict: verdict}
}

// CounterpartOf returns the other of a pair of environments. Values of one are
// sent to the other only where each names the other: Paycor's own two do, and
// what an operator has paired.
func CounterpartOf(environments []Environment, name string) (Environment, bool) {
	one, found := named(environments, name)
	if !found || one.Counterpart == "" || one.Counterpart == name {
		return Environment{}, false
	}
	other, found := named(environments, one.Counterpart)
	return other, found && other.Counterpart == name
}

func named(environments []Environment, name string) (Environment, bool) {
	at := slices.IndexFunc(environments, func(e Environment) bool { return e.Name == name })
	if at < 0 {
		return Environment{}, false
	}
	return environments[at], true
}

// Pair makes counterparts of the two environments in "NAME=NAME". Whoever they
// were paired with before is alone again.
func Pair(environments []Environment, text string) error {
	one, other, _ := strings.Cut(text, "=")
	one, other = strings.TrimSpace(one), strings.TrimSpace(other)
	_, foundOne := named(environments, one)
	_, foundOther := named(environments, other)
	if !foundOne || !foundOther || one == other {
		return message.Errorf("cli.pair-malformed", text)
	}
	for i := range environments {
		switch e := &environments[i]; {
		case e.Name == one:
			e.Counterpart = other
		case e.Name == other:
			e.Counterpart = one
		case e.Counterpart == one || e.Counterpart == other:
			e.Counterpart = ""
		}
	}
	return nil
}
