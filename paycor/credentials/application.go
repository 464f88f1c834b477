package credentials

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/verdicts"
)

// tokenKey identifies the tokens of one of the caller's credentials.
func (s *bound) tokenKey(c paycor.Credential) tokens.Key {
	return tokens.Key{Workspace: s.caller.Workspace, Application: c.ApplicationID, Credential: c.ID}
}

// readTokenKey reads which application a credential uses.
func (s *bound) readTokenKey(ctx context.Context, id string) (key tokens.Key, err error) {
	err = s.config.Store.View(ctx, func(r Reader) error {
		c, err := r.Credential(s.caller.Workspace, id)
		key = s.tokenKey(c)
		return err
	})
	return key, fail(err)
}

// keyOfEqual identifies the tokens of the saved application with the draft's values, which
// a credential with them would use; zero if there is none.
func (s *bound) keyOfEqual(ctx context.Context, draft paycor.Draft) (key tokens.Key, err error) {
	err = s.config.Store.View(ctx, func(r Reader) error {
		key = tokens.Key{Workspace: s.caller.Workspace}
		key.Application, err = s.findApplication(r, draft)
		return err
	})
	return key, err
}

// findApplication returns the ID of a saved application with the draft's values and
// secrets, or "".
func (s *bound) findApplication(r Reader, draft paycor.Draft) (string, error) {
	for found, err := range s.equalApplications(r, draft) {
		return found.ApplicationID, err
	}
	return "", nil
}

// equalApplications returns the saved applications with the draft's values and secrets,
// each as one of its credentials. The caller must be allowed to edit one of them: others
// don't learn that they exist.
func (s *bound) equalApplications(r Reader, draft paycor.Draft) iter.Seq2[stored, error] {
	return func(yield func(stored, error) bool) {
		ids, err := r.ApplicationsOf(s.caller.Workspace, draft.Environment, draft.ClientID)
		if err != nil {
			yield(stored{}, err)
			return
		}
		for _, id := range ids {
			found, equal, err := s.equalApplication(r, id, draft)
			if (equal || err != nil) && (!yield(found, err) || err != nil) {
				return
			}
		}
	}
}

// equalApplication reads an application, and reports whether it is one of
// equalApplications.
func (s *bound) equalApplication(r Reader, id string, draft paycor.Draft) (found stored, equal bool, err error) {
	members, err := r.ApplicationCredentials(s.caller.Workspace, id)
	if errors.Is(err, store.ErrNotFound) {
		return found, false, nil // its credentials have just joined another one
	}
	if err != nil {
		return found, false, err
	}
	found, err = loadFirst(r, s.caller.Workspace, members)
	if errors.As(err, new(*store.UnreadableError)) || err == nil && !sameApplication(found.draft(), draft) {
		return found, false, nil
	}
	if err == nil {
		equal, err = s.seesOneOf(r, members)
	}
	return found, equal, err
}

// sameApplication reports whether both drafts describe one application: only values of
// the credentials differ.
func sameApplication(a, b paycor.Draft) bool {
	for _, spec := range paycor.FieldTable() {
		if spec.Application && spec.Judged && spec.Get(a) != spec.Get(b) {
			return false
		}
	}
	return true
}

// seesOneOf reports whether the caller sees one of the credentials. With the right to
// edit, that is who may edit it.
func (s *bound) seesOneOf(r Reader, credentials []store.ApplicationCredential) (bool, error) {
	for _, c := range credentials {
		if sees, err := s.sees(r, c.ID); sees || err != nil {
			return sees, err
		}
	}
	return false, nil
}

// sees reports whether the caller sees a credential: it is on the allow-list and shared
// with the caller. The caller's rights are not asked.
func (s *bound) sees(r Reader, id string) (bool, error) {
	if !s.caller.Covers(id) {
		return false, nil
	}
	viewer := s.caller.Viewer()
	if viewer == nil {
		return true, nil
	}
	shared, err := r.CredentialSharing(s.caller.Workspace, id)
	return err == nil && viewer.Sees(shared.Owner, shared.Sharing), err
}

// othersOf returns the other credentials of a credential's application.
func othersOf(r Reader, workspace string, c paycor.Credential) ([]string, error) {
	members, err := r.ApplicationCredentials(workspace, c.ApplicationID)
	return othersAmong(members, c.ID), err
}

// othersAmong returns an application's credentials except for one.
func othersAmong(members []store.ApplicationCredential, id string) (others []string) {
	for _, member := range members {
		if member.ID != id {
			others = append(others, member.ID)
		}
	}
	return others
}

// applicationChange is what happened to an application through one of its credentials.
type applicationChange struct {
	verdict  *verdicts.Verdict // of Paycor; nil if there is none
	replaced bool              // values that Paycor verifies are other ones now
}

// effect returns what a change means for the verdict of another credential of the
// application, and whether that credential has to be verified again. A credential keeps
// its verdict about its legal entity as long as Paycor accepts the application.
func (a applicationChange) effect(c paycor.Credential) (after paycor.Credential, changed, verifyAgain bool) {
	switch {
	case a.verdict != nil && a.verdict.RejectsApplication():
		return c.WithVerdict(sharedVerdict(*a.verdict, c)), true, false
	case a.verdict != nil && a.verdict.AcceptsSecrets():
		if c.LastConclusive == nil || !c.LastConclusive.RejectsApplication() {
			return c, false, a.replaced
		}
	case !a.replaced || c.Verdict == nil:
		return c, false, false
	}
	return c.WithoutVerdict(), true, true
}

// sharedVerdict returns a verdict about an application for another credential of it. That
// says nothing about the legal entity of the one: Paycor's text may name it where it denied
// that, too.
func sharedVerdict(verdict verdicts.Verdict, c paycor.Credential) verdicts.Verdict {
	success := verdict.LastSuccess
	verdict.Entities, verdict.DataAccess, verdict.LastSuccess = nil, nil, nil
	if verdict.Code == verdicts.CodeApplicationRefused {
		verdict.Detail, verdict.CorrelationID = "", ""
	}
	if !c.VerifiedAt.IsZero() {
		verdict.LastSuccess = &verdicts.LastSuccess{At: c.VerifiedAt}
		if success != nil && success.Change != nil && success.Change.At.After(c.VerifiedAt) {
			verdict.LastSuccess.Change = success.Change
		}
	}
	return verdict
}

// applyToOthers applies a change of an application to its other credentials. It returns
// those whose pages have to change.
func (s *Service) applyToOthers(tx Tx, workspace string, c paycor.Credential, change applicationChange) ([]string, error) {
	others, err := othersOf(tx, workspace, c)
	if err != nil {
		return nil, err
	}
	return s.applyTo(tx, workspace, others, change)
}

// applyTo applies a change of an application to some of its credentials. It returns those
// whose pages have to change.
func (s *Service) applyTo(tx Tx, workspace string, credentials []string, change applicationChange) (affected []string, err error) {
	for _, id := range credentials {
		other, err := tx.Credential(workspace, id)
		if err != nil {
			return nil, err
		}
		after, changed, verifyAgain := change.effect(other)
		if changed {
			err = tx.UpdateCredential(workspace, after, other.Version, nil)
		}
		if verifyAgain && err == nil {
			err = tx.PutScheduled(store.ScheduledVerification{CredentialKey: paycor.CredentialKey{Workspace: workspace, Credential: id}, DueAt: s.now()})
		}
		if err != nil {
			return nil, err
		}
		if changed || change.replaced {
			affected = append(affected, id)
		}
	}
	return affected, nil
}

// visibleAmong returns which of some credentials the caller sees, and whether there are
// others among them.
func (s *bound) visibleAmong(r Reader, ids []string) (visible []string, hidden bool, err error) {
	for _, id := range ids {
		sees, err := s.sees(r, id)
		if err != nil {
			return nil, false, err
		}
		if sees {
			visible = append(visible, id)
		}
	}
	return visible, len(visible) < len(ids), nil
}

// publishAll tells open pages that a credential and others of its application changed.
func (s *Service) publishAll(workspace, id string, others []string, action audit.Action) {
	for _, id := range append([]string{id}, others...) {
		s.changes.Publish(workspace, events.Change{ID: id, Action: action})
	}
}

// newApplicationID returns an ID for an application.
func newApplicationID(now time.Time) string { return "app_" + newID(now) }

// changesApplication reports whether fields that Paycor verifies and that belong to the
// application are among those changed.
func changesApplication(changed []fields.Field) bool {
	return slices.ContainsFunc(paycor.FieldTable(), func(spec paycor.FieldSpec) bool {
		return spec.Application && spec.Judged && slices.Contains(changed, spec.Field)
	})
}
