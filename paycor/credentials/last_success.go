package credentials

import (
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// withLastSuccess returns a verdict that rejects a credential with what is on record
// about its last success, if there was one. made is a change that the audit trail does
// not contain yet; nil if there is none.
func (s *bound) withLastSuccess(r Reader, c paycor.Credential, verdict verdicts.Verdict, made *verdicts.Change) (verdicts.Verdict, error) {
	if verdict.Outcome == verdicts.OutcomeVerified || !verdict.Outcome.Conclusive() || c.VerifiedAt.IsZero() {
		return verdict, nil
	}
	if made == nil {
		history, err := s.history(r, c)
		if err != nil {
			return verdict, err
		}
		made = changeSinceSuccess(history.Entries)
	}
	verdict.LastSuccess = &verdicts.LastSuccess{At: c.VerifiedAt, Change: made}
	return verdict, nil
}

// changeSinceSuccess returns the latest change to what Paycor verifies since Paycor
// last accepted it. It goes by the order of the entries, the newest first: a success
// and the change it belongs to may have the same time.
func changeSinceSuccess(history []audit.Entry) *verdicts.Change {
	for _, entry := range history {
		kind, names := changeOf(entry)
		switch {
		case isSuccess(entry):
			return nil
		case kind != "":
			return &verdicts.Change{Kind: kind, At: entry.At, By: entry.CallerName, Fields: names}
		}
	}
	return nil
}

// isSuccess reports whether an entry records that Paycor accepted the credential.
func isSuccess(entry audit.Entry) bool {
	switch entry.Action {
	case audit.ActionVerify:
		return entry.Outcome == string(verdicts.OutcomeVerified)
	case audit.ActionCreate, audit.ActionUpdate, audit.ActionRotate, audit.ActionRotateBack:
		adopted := verdicts.Code(entry.Detail).Verdict() // an unknown detail is no success
		return entry.Outcome == "done" && adopted.Outcome == verdicts.OutcomeVerified
	}
	return false
}

// changeOf returns what an entry changed of what Paycor verifies; "" if nothing.
func changeOf(entry audit.Entry) (verdicts.ChangeKind, []fields.Field) {
	if entry.Outcome != "done" {
		return "", nil
	}
	switch entry.Action {
	case audit.ActionUpdate:
		if judged := judgedFields(entry.Fields); len(judged) > 0 {
			return verdicts.ChangeEdited, judged
		}
	case audit.ActionRotate:
		return verdicts.ChangeRotated, entry.Fields
	case audit.ActionRotateBack:
		return verdicts.ChangeRolledBack, entry.Fields
	case audit.ActionActivate:
		return verdicts.ChangeActivated, nil
	}
	return "", nil
}

// judgedFields returns the fields that Paycor verifies.
func judgedFields(names []fields.Field) []fields.Field {
	var judged []fields.Field
	for _, spec := range paycor.FieldTable() {
		if spec.Judged && slices.Contains(names, spec.Field) {
			judged = append(judged, spec.Field)
		}
	}
	return judged
}
