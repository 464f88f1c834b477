package credentials

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
)

// TryPeerEnvironment implements api.Service. It is the only case in which a stored
// secret is sent to another environment than its own, and only to the peer
// environment that the operator configured: the caller cannot choose it.
func (s verifier) TryPeerEnvironment(ctx context.Context, request paycor.VerifyRequest) (paycor.PeerAnswer, error) {
	var none paycor.PeerAnswer
	if err := s.may(ctx, paycor.RightEdit, audit.ActionTryPeer, request.ID); err != nil {
		return none, err
	}
	draft, _, report, err := s.completeDraft(ctx, audit.ActionTryPeer, request)
	if err != nil {
		return none, err
	}
	peer, found := paycor.PeerOf(s.config.Environments, draft.Environment)
	if !found {
		return none, paycor.Errorf(paycor.KindConflict, "error.no-peer-environment")
	}
	draft.Environment = peer.Name
	about := verification{draft: draft, id: request.ID, otherEnvironment: true, swapped: blockingWarnings(report, request.AcceptWarnings)}
	verdict, err := s.verify(ctx, audit.ActionTryPeer, about, nil)
	if err != nil {
		return none, s.recordIfStarted(ctx, audit.ActionTryPeer, request.ID, err)
	}
	if err := s.recordTried(ctx, audit.ActionTryPeer, request.ID, verdict, peer.Name); err != nil {
		return none, err
	}
	return paycor.NewPeerAnswer(peer.Name, verdict), nil
}
