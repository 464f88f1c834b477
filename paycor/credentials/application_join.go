package credentials

import (
	"cmp"
	"errors"
	"maps"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// joinEqual makes one application of the credential's and of each other one that the caller
// may edit and that has the same values and secrets by now, so that the next rotation or
// activation is one for all of them. Nothing is lost: two applications stay apart if both
// keep secrets of a rotation, and different ones, or if both are activated, because each
// activation may cover other legal entities. rotateBy is the date that the caller chose for
// the secrets; empty keeps a saved one. verdict is Paycor's about them, for the credentials
// that join; nil if there is none. It returns the credential as it is then, and those that
// use the application in addition.
func (s *bound) joinEqual(tx Tx, c paycor.Credential, rotateBy paycor.Day, verdict *verdicts.Verdict) (after paycor.Credential, joined []string, err error) {
	own, err := s.load(tx, c.ID)
	if errors.As(err, new(*store.UnreadableError)) {
		return c, nil, nil
	}
	if err != nil {
		return c, nil, err
	}
	for found, err := range s.equalApplications(tx, own.draft()) {
		if err != nil {
			return c, nil, err
		}
		if found.ApplicationID == own.ApplicationID || own.Rotation != nil && found.Rotation != nil && !own.keepsSame(found) {
			continue
		}
		ownActivated, err := s.isActivated(tx, own)
		if err != nil {
			return c, nil, err
		}
		foundActivated, err := s.isActivated(tx, found)
		if err != nil {
			return c, nil, err
		}
		from, to := own, found
		switch {
		case ownActivated && foundActivated:
			continue
		case ownActivated:
			from, to = found, own
		}
		// The saved date is about these secrets; that of a repaired credential may be about
		// the ones it had.
		if err := s.moveAll(tx, c.ID, from, to, cmp.Or(rotateBy, found.RotateBy, own.RotateBy)); err != nil {
			return c, nil, err
		}
		joined = append(joined, append(found.others, found.ID)...)
		if own, err = s.load(tx, c.ID); err != nil {
			return c, nil, err
		}
		c = own.Credential
	}
	_, err = s.applyTo(tx, s.caller.Workspace, joined, applicationChange{verdict: verdict})
	return c, joined, err
}

// isActivated reports whether an application has a refresh token that is not known to be
// unusable.
func (s *bound) isActivated(tx Tx, c stored) (bool, error) {
	state, err := tx.TokenState(s.caller.Workspace, c.ID)
	return c.HasRefreshToken && state.RefreshTokenError == "", err
}

// keepsSame reports whether both applications keep the same secrets of a rotation.
func (c stored) keepsSame(other stored) bool {
	return c.Rotation.State == other.Rotation.State && maps.Equal(c.keptSecrets(), other.keptSecrets())
}

// keptSecrets returns the secrets that a rotation keeps.
func (c stored) keptSecrets() store.Secrets {
	kept := store.Secrets{}
	for _, field := range secretFields(c.Rotation) {
		kept[field] = c.secrets[field]
	}
	return kept
}

// moveAll moves all credentials of an application to another one, with the secrets that a
// rotation keeps, and sets the date by which to rotate the secrets. The store deletes the
// application that they leave. acting is the credential whose change does so.
func (s *bound) moveAll(tx Tx, acting string, from, to stored, rotateBy paycor.Day) error {
	goesOn, secrets := to.Credential, store.Secrets{}
	if from.Rotation != nil && (to.Rotation == nil || keepsLonger(*from.Rotation, *to.Rotation)) {
		goesOn.Rotation, secrets = from.Rotation, from.keptSecrets()
	}
	goesOn.RotateBy = rotateBy
	if len(secrets) > 0 || rotateBy != to.RotateBy {
		if err := s.replace(tx, to.Credential, goesOn, secrets); err != nil {
			return err
		}
	}
	for _, id := range append(from.others, from.ID) {
		before, err := tx.Credential(s.caller.Workspace, id)
		if err != nil {
			return err
		}
		after := before
		after.ApplicationID = to.ApplicationID
		if err := s.replace(tx, before, after, nil); err != nil {
			return err
		}
		if id == acting { // what joins it is recorded
			continue
		}
		if err := s.record(tx, s.caller, audit.Entry{Action: audit.ActionUpdate, Credential: id, Outcome: "done"}); err != nil {
			return err
		}
	}
	s.tokens.Forget(s.tokenKey(from.Credential))
	return nil
}

// keepsLonger reports whether one rotation keeps its secrets longer than another.
func keepsLonger(one, other paycor.Rotation) bool {
	return !other.DiscardAt.IsZero() && (one.DiscardAt.IsZero() || one.DiscardAt.After(other.DiscardAt))
}

// replace stores another version of a credential.
func (s *bound) replace(tx Tx, before, after paycor.Credential, secrets store.Secrets) error {
	after.Version, after.UpdatedAt = before.Version+1, s.now()
	return tx.UpdateCredential(s.caller.Workspace, after, before.Version, secrets)
}
