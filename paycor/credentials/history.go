package credentials

import (
	"cmp"
	"errors"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// history returns the entries about a credential, newest first, with those about its
// application that were made through another of its credentials while both used it. These
// are shown as its own, so that they name no credential that the caller may not see.
func (s *bound) history(r Reader, c paycor.Credential) (audit.History, error) {
	entries, ownErr := r.CredentialHistory(s.caller.Workspace, c.ID)
	others, othersErr := r.ApplicationHistory(s.caller.Workspace, c.ID)
	incomplete := errors.Join(ownErr, othersErr) != nil
	_, ownErr = store.Lost(ownErr)
	_, othersErr = store.Lost(othersErr)
	if err := errors.Join(ownErr, othersErr); err != nil {
		return audit.History{}, err
	}
	for _, entry := range others {
		if aboutApplication(entry) {
			entries = append(entries, sharedEntry(entry, c.ID))
		}
	}
	slices.SortStableFunc(entries, func(a, b audit.Entry) int { return cmp.Compare(b.Sequence, a.Sequence) })
	return audit.History{Entries: entries[:min(len(entries), maxHistory)], Incomplete: incomplete}, nil
}

// maxHistory is how many entries a history has.
const maxHistory = 100

// sharedEntry returns an entry about an application as one of another credential: what
// Paycor accepted there, it did not accept for this one's legal entity.
func sharedEntry(entry audit.Entry, credential string) audit.Entry {
	entry.Credential = credential
	entry.Fields = slices.DeleteFunc(slices.Clone(entry.Fields), func(field fields.Field) bool { return !ofApplication(field) })
	if isSuccess(entry) {
		entry.Detail = ""
	}
	return entry
}

func ofApplication(field fields.Field) bool {
	return slices.ContainsFunc(paycor.FieldTable(), func(spec paycor.FieldSpec) bool { return spec.Application && spec.Field == field })
}

// aboutApplication reports whether an entry about a credential is about all credentials
// of its application. A change of these fields moves no other credential.
func aboutApplication(entry audit.Entry) bool {
	switch entry.Action {
	case audit.ActionRotate, audit.ActionRotateBack, audit.ActionRotateEnd, audit.ActionActivate, audit.ActionExchange, audit.ActionTokenLost:
		return true
	case audit.ActionUpdate:
		moved := slices.Contains(entry.Fields, fields.ClientID) || slices.Contains(entry.Fields, fields.Environment)
		return !moved && changesApplication(entry.Fields)
	}
	return false
}
