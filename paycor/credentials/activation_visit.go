package credentials

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// A visitor is somebody who opens an activation link: a caller of kind CallerLink, of
// whom only Browser, From and RequestID are known. Each use of a link turns them into a
// caller who may activate the link's credential and nothing else.

// byLink returns what a visitor is by having a link.
func byLink(link store.ActivationLink, visitor paycor.Caller) paycor.Caller {
	visitor.ID, visitor.Name, visitor.Workspace = link.ID, audit.NameActivationLink, link.Workspace
	visitor.Rights, visitor.Credentials = paycor.Rights{paycor.RightEdit}, []string{link.Credential}
	return visitor
}

// openLink reads a link that is open. The error is KindUnauthorized for any other.
func (s *Service) openLink(r store.ActivationLinkReader, hash []byte) (store.ActivationLink, error) {
	link, err := r.ActivationLink(hash)
	if errors.Is(err, store.ErrNotFound) || err == nil && link.At(s.now()).State != activation.LinkOpen {
		return link, paycor.Errorf(paycor.KindUnauthorized, "activation.link-ended")
	}
	return link, err
}

// Invitation returns what a link is for. It changes nothing, so that a mail scanner that
// opens the link does no harm. The error is KindUnauthorized for an unknown code.
func (s *Service) Invitation(ctx context.Context, code paycor.Secret) (invitation activation.Invitation, err error) {
	err = s.config.Store.View(ctx, func(r Reader) error {
		link, err := r.ActivationLink(linkHash(code))
		if err != nil {
			return err
		}
		credential, err := r.Credential(link.Workspace, link.Credential)
		invitation = activation.Invitation{
			Link: link.At(s.now()), Credential: credential.Name, ClientID: credential.ClientID, Environment: credential.Environment,
		}
		return err
	})
	unknown := paycor.Errorf(paycor.KindUnauthorized, "activation.link-unknown")
	if errors.Is(err, store.ErrNotFound) {
		return activation.Invitation{}, unknown
	}
	return invitation, s.authorizer.DenyAltered(ctx, err, unknown)
}

// StartActivationByLink starts an activation for a visitor, or for a person who is
// signed in and has a link that requires it, and returns the handle for OpenActivation.
// The link stays open until the activation succeeds. The error is KindUnauthorized if it
// is not open or the caller needs to sign in.
func (s *Service) StartActivationByLink(ctx context.Context, code paycor.Secret, caller paycor.Caller, redirectURI string) (handle paycor.Secret, err error) {
	var link store.ActivationLink
	err = s.config.Store.View(ctx, func(r Reader) (err error) {
		link, err = s.openLink(r, linkHash(code))
		return err
	})
	if err != nil {
		return paycor.Secret{}, s.authorizer.DenyAltered(ctx, err, paycor.Errorf(paycor.KindUnauthorized, "activation.link-unknown"))
	}
	switch {
	case !link.SignIn && caller.Kind == paycor.CallerLink:
		caller = byLink(link, caller)
	case !link.SignIn || caller.Kind != paycor.CallerPerson:
		return paycor.Secret{}, paycor.Errorf(paycor.KindUnauthorized, "activation.link-sign-in")
	case caller.Workspace != link.Workspace:
		return paycor.Secret{}, s.refuseLink(ctx, caller)
	}
	started, err := s.As(caller).start(ctx, link.Credential, redirectURI, link.Hash)
	return started.Handle, err
}

// refuseLink records that a person tried to use a link of another workspace.
func (s *Service) refuseLink(ctx context.Context, caller paycor.Caller) error {
	return s.authorizer.Deny(ctx, caller, audit.ActionActivateStart, "outside_allow_list", fail(store.ErrNotFound))
}

// FinishActivationByLink finishes the activation that a visitor's browser started, with
// what came back from Paycor's page, and uses up the link. The credential has its name
// even if there is an error. found is false if this browser started no activation by link
// with that state.
func (s *Service) FinishActivationByLink(ctx context.Context, visitor paycor.Caller, answer paycor.ActivationAnswer) (credential paycor.Credential, found bool, err error) {
	var link store.ActivationLink
	err = s.config.Store.View(ctx, func(r Reader) error {
		started, err := r.Activation(store.HashSecret(answer.State))
		if err != nil {
			return err
		}
		if started.Link == nil {
			return store.ErrNotFound
		}
		if link, err = r.ActivationLink(started.Link); err != nil {
			return err
		}
		if started.StartedBy != activationOwner(byLink(link, visitor)) {
			return store.ErrNotFound
		}
		credential, err = r.Credential(link.Workspace, link.Credential)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return paycor.Credential{}, false, nil
	}
	if err != nil {
		return paycor.Credential{}, false, s.authorizer.DenyAltered(ctx, err, paycor.Errorf(paycor.KindUnauthorized, "activation.link-unknown"))
	}
	activated, err := s.As(byLink(link, visitor)).Activate(ctx, link.Credential, answer, nil)
	if err != nil {
		return credential, true, err
	}
	return activated.Credential, true, nil
}
