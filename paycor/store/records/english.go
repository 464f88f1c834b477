package records

import (
	"fmt"
	"strings"

	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// Versions before catalogue keys stored verdicts with their sentences in
// English. withKeys converts such a verdict to the current form, so that old
// rows are shown in the reader's language too. It keeps sentences that it does
// not recognize, and does not change verdicts with keys.
func withKeys(verdict *verdicts.Verdict) *verdicts.Verdict {
	if verdict == nil || verdict.Message.Key != "" || verdict.Message.IsZero() {
		return verdict
	}
	keyed := *verdict
	known := keyed.Code.Verdict()
	if known.Code == keyed.Code {
		keyed.Message, keyed.Remedy = known.Message, known.Waiting(keyed.RetryAfter).Remedy
	}
	if name, ok := unconfiguredEnvironment(verdict.Message.String()); ok {
		keyed.Message = message.New("verdict.environment_unconfigured", name)
		keyed.Remedy = message.New("verdict.environment_unconfigured.fix", name)
	}
	keyed.Steps = append([]verdicts.Step(nil), verdict.Steps...)
	for i, step := range keyed.Steps {
		keyed.Steps[i].Note = noteWithKey(step.Note)
	}
	return &keyed
}

// unconfiguredEnvironment returns the environment that a sentence says is not
// configured.
func unconfiguredEnvironment(text string) (name string, ok bool) {
	quoted, ok := strings.CutSuffix(text, " is not configured on this server, so nothing was sent.")
	if !ok {
		return "", false
	}
	_, err := fmt.Sscanf(quoted, "The environment %q", &name)
	return name, err == nil
}

// oldNotes are the notes of steps that had no arguments.
var oldNotes = map[string]string{
	"Paycor does not show which legal entities the application covers.":  "step.note.entities-denied",
	"Paycor has no list of the legal entities the application covers.":   "step.note.entities-unknown",
	"Paycor does not tell the legal entity's name.":                      "step.note.name-unknown",
	"Paycor does not let this application read the legal entity's name.": "step.note.name-denied",
}

func noteWithKey(note message.Message) message.Message {
	text := note.String()
	if key := oldNotes[text]; key != "" {
		return message.New(key)
	}
	switch text {
	case "The application covers no legal entity.":
		return message.Count("step.note.entities", 0)
	case "The application covers 1 legal entity.":
		return message.Count("step.note.entities", 1)
	}
	var readable, lists, unknown int
	if _, err := fmt.Sscanf(text, "The application covers %d legal entities.", &lists); err == nil {
		return message.Count("step.note.entities", lists)
	}
	if _, err := fmt.Sscanf(text, "%d of %d lists can be read. %d could not be checked.", &readable, &lists, &unknown); err == nil {
		return message.New("step.note.readable-unknown", readable, lists, unknown)
	}
	if _, err := fmt.Sscanf(text, "%d of %d lists can be read.", &readable, &lists); err == nil {
		return message.New("step.note.readable", readable, lists)
	}
	return note // such as the legal entity's name
}
