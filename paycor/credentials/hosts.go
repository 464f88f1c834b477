package credentials

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/embed/hosttoken"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// embedPrefix makes an embedded page's handle recognisable, to the door as to
// scanners.
const embedPrefix = "pce_"

// Hosts implements api.Service.
func (s *service) Hosts(ctx context.Context) ([]embed.Host, error) {
	if err := s.mayHosts(ctx, audit.ActionHosts); err != nil {
		return nil, err
	}
	var hosts []embed.Host
	err := s.config.Store.View(ctx, func(r store.Reader) (err error) {
		hosts, err = r.EmbedHosts(s.caller.Workspace)
		return err
	})
	return hosts, err
}

// AddHost implements api.Service.
func (s *service) AddHost(ctx context.Context, draft embed.HostDraft) (embed.Host, error) {
	if err := s.mayHosts(ctx, audit.ActionHostAdd); err != nil {
		return embed.Host{}, err
	}
	draft = draft.Clean()
	if err := s.checkHost(draft); err != nil {
		return embed.Host{}, err
	}
	host := embed.Host{
		ID: cmp.Or(draft.ID, "host-"+strings.ToLower(rand.Text()[:16])), Name: draft.Name, Workspace: s.caller.Workspace,
		Origins: draft.Origins, Rights: inOrder(draft.Rights), KeysURL: draft.KeysURL,
		CreatedAt: s.now(), CreatedBy: s.caller.Name, Version: 1,
	}
	if draft.Keys != "" {
		host.Keys = json.RawMessage(draft.Keys)
	}
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		if err := tx.InsertEmbedHost(host); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionHostAdd, Outcome: "done", Detail: host.ID})
	})
	if errors.Is(err, store.ErrExists) {
		return embed.Host{}, paycor.Errorf(paycor.KindConflict, "There is a host with the id %q already. Choose another id.", host.ID)
	}
	return host, err
}

// checkHost says what is wrong with a draft that Clean has been at.
func (s *service) checkHost(draft embed.HostDraft) error {
	problems := append(embed.CheckHost(draft), draft.Exceeds(s.caller)...)
	if draft.Keys != "" && len(draft.Keys) <= maxKeys {
		if _, err := hosttoken.ParseKeys([]byte(draft.Keys)); err != nil {
			problems = append(problems, fields.Problem{Field: fields.HostKeys, Code: fields.ProblemUnusualShape, Message: "These keys cannot be taken: " + err.Error() + "."})
		}
	}
	if len(problems) > 0 {
		return &paycor.Error{Kind: paycor.KindInvalid, Problems: problems, Message: "Nothing was saved: " + problems[0].Message}
	}
	return nil
}

// inOrder returns rights in the usual order, each once.
func inOrder(rights paycor.Rights) paycor.Rights {
	return slices.DeleteFunc(paycor.AllRights(), func(right paycor.Right) bool { return !rights.Has(right) })
}

// maxKeys bounds what is read as keys before anything else is known of it.
const maxKeys = 32 << 10

// RemoveHost implements api.Service.
func (s *service) RemoveHost(ctx context.Context, id string) error {
	if err := s.mayHosts(ctx, audit.ActionHostRemove); err != nil {
		return err
	}
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		if err := tx.DeleteEmbedHost(s.caller.Workspace, id); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionHostRemove, Outcome: "done", Detail: id})
	})
	if errors.Is(err, store.ErrNotFound) {
		return paycor.Errorf(paycor.KindNotFound, "There is no such host here. It may have been removed.")
	}
	if err == nil { // open frames look again who they are
		s.changes.Publish(s.caller.Workspace, events.Change{Action: audit.ActionHostRemove})
	}
	return err
}

// mayHosts is may for hosts. Nobody registers a host from inside a host: what
// a site is given to hand out would grow by itself.
func (s *service) mayHosts(ctx context.Context, action audit.Action) error {
	if s.caller.Kind == paycor.CallerEmbedded {
		if err := s.refuse(ctx, s.caller, action, "", "embedded"); err != nil {
			return err
		}
		return paycor.Errorf(paycor.KindForbidden, "Hosts are managed on the page itself, not from inside a host.")
	}
	return s.mayAll(ctx, action)
}

// EmbeddingHost returns a host by its id. Its origins are no secret: the page
// for its frame names them.
func (m *Manager) EmbeddingHost(ctx context.Context, id string) (embed.Host, error) {
	unknown := paycor.Errorf(embed.KindHostUnknown, "No host of this id is registered here. Check the id, or have the host registered.")
	if !embed.IsHostID(id) {
		return embed.Host{}, unknown
	}
	var host embed.Host
	err := m.config.Store.View(ctx, func(r store.Reader) (err error) {
		host, err = r.EmbedHost(id)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return embed.Host{}, unknown
	}
	return host, err
}

// Exchange trades a host's token, once, for a session. A refusal is for the
// door to write down: it knows who asks too often.
func (m *Manager) Exchange(ctx context.Context, request embed.Request) (embed.Session, error) {
	host, err := m.EmbeddingHost(ctx, request.Host)
	if err != nil {
		return embed.Session{}, err
	}
	if !slices.Contains(host.Origins, request.Origin) {
		return embed.Session{}, paycor.Errorf(embed.KindFrameOrigin, "The page around the frame is none that is registered for this host. Have its origin registered.")
	}
	grant, err := m.judge.Judge(ctx, host, request)
	if err != nil {
		return embed.Session{}, err
	}
	now := m.now()
	session := embed.Session{
		Handle: paycor.NewSecret(embedPrefix + rand.Text() + rand.Text()), ExpiresAt: now.Add(embed.SessionLifetime),
		Caller: paycor.Caller{
			Kind: paycor.CallerEmbedded, ID: host.ID + "/" + grant.Subject, Name: grant.Subject + " (" + host.Name + ")",
			Workspace: host.Workspace, Rights: grant.Rights, From: request.From, RequestID: request.ID,
		},
	}
	used := sha256.Sum256([]byte(host.ID + "\x00" + grant.ID))
	err = m.config.Store.Update(ctx, func(tx store.Tx) error {
		// What the token was judged by may have changed since, its keys even.
		if now, err := tx.EmbedHost(host.ID); err != nil {
			return err
		} else if now.Version != host.Version || !now.CreatedAt.Equal(host.CreatedAt) {
			return paycor.Errorf(paycor.KindBusy, "The host was changed at this moment. Ask again with another token.")
		}
		switch err := tx.MarkEmbedTokenUsed(used[:], grant.ExpiresAt); {
		case errors.Is(err, store.ErrExists):
			return paycor.Errorf(embed.KindTokenReplayed, "This token was used before. Sign a new one, with a jti of its own, each time the page asks for one.")
		case err != nil:
			return err
		}
		err := tx.InsertEmbedSession(store.EmbedSession{
			Hash: hash(session.Handle), Host: host.ID, Origin: request.Origin, Caller: session.Caller, CreatedAt: now, ExpiresAt: session.ExpiresAt,
		})
		if err != nil {
			return err
		}
		return m.record(tx, session.Caller, audit.Entry{Action: audit.ActionEmbed, Outcome: "done", Detail: host.ID})
	})
	if err != nil {
		return embed.Session{}, err
	}
	return session, nil
}

// CallerByEmbedding returns whom a session of a host belongs to. The host is
// looked up each time: what was taken from it is taken from its sessions too.
func (m *Manager) CallerByEmbedding(ctx context.Context, handle paycor.Secret) (paycor.Caller, error) {
	ended := paycor.Errorf(paycor.KindUnauthorized, "This embedded session has ended. The page asks its host for another token.")
	if !strings.HasPrefix(handle.Reveal(), embedPrefix) {
		return paycor.Caller{}, ended
	}
	var session store.EmbedSession
	var host embed.Host
	err := m.config.Store.View(ctx, func(r store.Reader) (err error) {
		if session, err = r.EmbedSession(hash(handle)); err != nil {
			return err
		}
		host, err = r.EmbedHost(session.Host)
		return err
	})
	if errors.Is(err, store.ErrNotFound) || err == nil && (m.now().After(session.ExpiresAt) || !slices.Contains(host.Origins, session.Origin)) {
		return paycor.Caller{}, ended
	}
	caller := session.Caller
	caller.Rights = slices.DeleteFunc(slices.Clone(caller.Rights), func(right paycor.Right) bool { return !host.Rights.Has(right) })
	return caller, err
}

// ExamineEmbedding looks for what keeps a host from embedding the page.
func (m *Manager) ExamineEmbedding(ctx context.Context, symptoms embed.Symptoms) ([]embed.CheckResult, error) {
	host, err := m.EmbeddingHost(ctx, symptoms.Host)
	if err != nil {
		return nil, err
	}
	return m.judge.Examine(ctx, host, symptoms), nil
}
