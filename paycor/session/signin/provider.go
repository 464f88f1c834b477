package signin

import (
	"context"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/session"
	"paycorcred/paycor/store"
)

// ProviderHint returns the ID token that the identity provider of a session
// expects at sign-out, or an empty secret if no provider opened it.
func (s *Sessions) ProviderHint(ctx context.Context, handle paycor.Secret) (paycor.Secret, error) {
	found, err := s.find(ctx, handle)
	if paycor.KindOf(err) == paycor.KindUnauthorized {
		return paycor.Secret{}, nil
	}
	return found.IDTokenHint, err
}

// EndProviderSessions ends the sessions that an identity provider reports as
// ended: one of its sessions, or all sessions of a person if it names none. It
// returns how many there were. Sessions opened after the report stay, because a
// provider may deliver it twice or late.
func (s *Sessions) EndProviderSessions(ctx context.Context, report session.SignOut, from, requestID string) (int, error) {
	var ended []store.Session
	err := s.config.Store.Update(ctx, func(tx Tx) (err error) {
		if ended, err = tx.ProviderSessions(report.Issuer, report.Subject, report.SID); err != nil {
			return err
		}
		ended = slices.DeleteFunc(ended, func(found store.Session) bool { return found.CreatedAt.After(report.Until) })
		for _, found := range ended {
			found.Caller.From, found.Caller.RequestID = from, requestID
			if err := s.end(tx, found, found.Caller, "provider"); err != nil {
				return err
			}
		}
		return nil
	})
	return len(ended), err
}
