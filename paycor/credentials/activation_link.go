package credentials

import (
	"context"
	"crypto/rand"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

const (
	// maxOpenLinks is how many links of one credential can be open.
	maxOpenLinks = 10

	// maxLinks is how many links of one credential are kept, with those that have ended.
	maxLinks = 100
)

// linkPrefix makes the ID of a link recognizable.
const linkPrefix = "actlink_"

// CreateActivationLink implements api.Service. Opening Paycor's page reveals the APIM
// Subscription Key, so only a person who could open it can allow others to do so
// without an account.
func (s activator) CreateActivationLink(ctx context.Context, credential string) (activation.NewLink, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionActivationLink, credential); err != nil {
		return activation.NewLink{}, err
	}
	code, now := randomSecret(), s.now()
	link := store.ActivationLink{
		Hash: linkHash(code), Workspace: s.caller.Workspace, Credential: credential,
		Link: activation.Link{
			ID: linkPrefix + rand.Text(), SignIn: s.caller.Kind != paycor.CallerPerson,
			CreatedAt: now, CreatedBy: s.caller.Name, ExpiresAt: now.Add(activation.LinkLifetime),
		},
	}
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		saved, err := s.load(tx, credential)
		if err != nil {
			return err
		}
		if _, err := s.authorizePage(saved); err != nil {
			return err
		}
		if err := s.mayAddLink(tx, credential); err != nil {
			return err
		}
		if err := tx.InsertActivationLink(link); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionActivationLink, Credential: credential, Outcome: "done", Detail: link.ID})
	})
	if err != nil {
		return activation.NewLink{}, s.denied(ctx, audit.ActionActivationLink, credential, err)
	}
	return activation.NewLink{Link: link.At(now), Code: code}, nil
}

// linkHash identifies a link by its code.
func linkHash(code paycor.Secret) []byte { return store.HashSecret(code) }

// mayAddLink returns an error if a credential has too many links.
func (s activator) mayAddLink(r Reader, credential string) error {
	links, err := r.ActivationLinks(s.caller.Workspace, credential)
	if _, err = store.Lost(err); err != nil {
		return err
	}
	open := 0
	for _, link := range links {
		if link.At(s.now()).State == activation.LinkOpen {
			open++
		}
	}
	switch {
	case open >= maxOpenLinks:
		return paycor.Errorf(paycor.KindConflict, "error.activation-links-open", maxOpenLinks)
	case len(links) >= maxLinks:
		return paycor.Errorf(paycor.KindConflict, "error.activation-links-many", maxLinks)
	}
	return nil
}

// ActivationLinks implements api.Service.
func (s activator) ActivationLinks(ctx context.Context, credential string) (activation.LinkList, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionActivationLink, credential); err != nil {
		return activation.LinkList{}, err
	}
	list := activation.LinkList{Links: []activation.Link{}}
	err := s.config.Store.View(ctx, func(r Reader) error {
		if _, err := r.Credential(s.caller.Workspace, credential); err != nil {
			return err
		}
		found, err := r.ActivationLinks(s.caller.Workspace, credential)
		for _, link := range found {
			list.Links = append(list.Links, link.At(s.now()))
		}
		list.Unreadable, err = store.Lost(err)
		return err
	})
	if err != nil {
		return activation.LinkList{}, s.denied(ctx, audit.ActionActivationLink, credential, err)
	}
	return list, nil
}

// RevokeActivationLink implements api.Service.
func (s activator) RevokeActivationLink(ctx context.Context, credential, link string) error {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionActivationLinkEnd, credential); err != nil {
		return err
	}
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		if _, err := tx.Credential(s.caller.Workspace, credential); err != nil {
			return err
		}
		err := tx.RevokeActivationLink(s.caller.Workspace, credential, link, s.now(), s.caller.Name)
		if errors.Is(err, store.ErrNotFound) {
			return paycor.Errorf(paycor.KindNotFound, "error.activation-link-not-found")
		}
		if err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionActivationLinkEnd, Credential: credential, Outcome: "done", Detail: link})
	})
	if err != nil {
		return s.denied(ctx, audit.ActionActivationLinkEnd, credential, err)
	}
	return nil
}
