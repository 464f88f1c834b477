package paycor

import (
	"slices"
	"strings"

	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// PeerAnswer is the result of trying values in the peer environment.
type PeerAnswer struct {
	Environment string           `json:"environment"` // the peer's name
	Works       bool             `json:"works"`       // it accepts the key, and the client if it got that far
	Verdict     verdicts.Verdict `json:"verdict"`
}

// NewPeerAnswer derives the answer from a verdict of the peer environment.
func NewPeerAnswer(environment string, verdict verdicts.Verdict) PeerAnswer {
	works := verdict.Outcome.Conclusive() && !verdict.MayBelongToPeer() && verdict.Code != verdicts.CodeLooksSwapped
	return PeerAnswer{Environment: environment, Works: works, Verdict: verdict}
}

// PeerOf returns the peer of an environment. Two environments are peers only if
// each names the other, like Paycor's own two or a pair that an operator
// configured. Values of one are tried only in its peer.
func PeerOf(environments []Environment, name string) (Environment, bool) {
	environment, found := findEnvironment(environments, name)
	if !found || environment.Peer == "" || environment.Peer == name {
		return Environment{}, false
	}
	peer, found := findEnvironment(environments, environment.Peer)
	return peer, found && peer.Peer == name
}

func findEnvironment(environments []Environment, name string) (Environment, bool) {
	at := slices.IndexFunc(environments, func(e Environment) bool { return e.Name == name })
	if at < 0 {
		return Environment{}, false
	}
	return environments[at], true
}

// PairEnvironments makes peers of the two environments in "NAME=NAME". Their previous peers
// have none afterward.
func PairEnvironments(environments []Environment, text string) error {
	first, second, _ := strings.Cut(text, "=")
	first, second = strings.TrimSpace(first), strings.TrimSpace(second)
	_, foundFirst := findEnvironment(environments, first)
	_, foundSecond := findEnvironment(environments, second)
	if !foundFirst || !foundSecond || first == second {
		return message.Errorf("cli.pair-malformed", text)
	}
	for i := range environments {
		switch e := &environments[i]; {
		case e.Name == first:
			e.Peer = second
		case e.Name == second:
			e.Peer = first
		case e.Peer == first || e.Peer == second:
			e.Peer = ""
		}
	}
	return nil
}
