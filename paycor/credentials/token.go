package credentials

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/cache"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// tokenPrefix makes an API token recognisable to people and to scanners that
// look for leaked ones.
const tokenPrefix = "pcc_"

// mostTokens is how many API tokens are kept in memory, without the tokens
// themselves.
const mostTokens = 4096

// keptTokens is how long an API token is listed after its end.
const keptTokens = 90 * 24 * time.Hour

// newTokenMemory keeps tokens by their hashes.
func newTokenMemory(s store.Store) *cache.Versioned[[sha256.Size]byte, store.APIToken] {
	return cache.New(cache.Config[[sha256.Size]byte, store.APIToken]{
		Version: s.Version, Max: mostTokens,
		Read: func(ctx context.Context, hash [sha256.Size]byte) (token store.APIToken, err error) {
			err = s.View(ctx, func(r store.Reader) (err error) {
				token, err = r.APIToken(hash[:])
				return err
			})
			return token, err
		},
	})
}

// CallerByToken returns the consumer an API token belongs to. It is asked for
// each request: a token that is known is looked up in memory, and a revocation
// counts from the moment it has returned, in whatever process it was made. One
// that has ended is refused with an EndedToken as the cause, for as long as it
// is listed.
func (m *Manager) CallerByToken(ctx context.Context, token paycor.Secret) (paycor.Caller, error) {
	if !strings.HasPrefix(token.Reveal(), tokenPrefix) {
		return paycor.Caller{}, refusedToken(nil)
	}
	found, err := m.known.Get(ctx, sha256.Sum256([]byte(token.Reveal())))
	if errors.Is(err, store.ErrNotFound) {
		return paycor.Caller{}, refusedToken(nil)
	}
	if err != nil {
		return paycor.Caller{}, err
	}
	now := m.now()
	caller := paycor.Caller{Kind: paycor.CallerConsumer, ID: found.ID, Name: found.Name, Workspace: found.Workspace}
	if state := consumerOf(found).At(now).State; state != consumer.Active {
		return paycor.Caller{}, refusedToken(&consumer.EndedToken{Caller: caller, State: state})
	}
	m.uses.touch(found.ID, now)
	caller.Rights, caller.Credentials, caller.Until = found.Rights, found.Credentials, found.ExpiresAt
	return caller, nil
}

func refusedToken(cause error) error {
	return &paycor.Error{
		Kind: paycor.KindUnauthorized, Err: cause,
		Message: "This API token is not known here, was revoked or has expired. Make a new one with \"paycorcred token create\".",
	}
}

// TokenRequest says what an API token is for.
type TokenRequest struct {
	Name        string
	Workspace   string // empty means the default one
	Rights      paycor.Rights
	Credentials []string      // the only ones it may touch; empty means all
	Lifetime    time.Duration // 0 means that it does not expire
}

// CreateToken makes an API token for the operator. Only its hash is kept, so
// this is the only time it is seen.
func (m *Manager) CreateToken(ctx context.Context, request TokenRequest) (paycor.Secret, error) {
	draft := consumer.Draft{Name: request.Name, Rights: request.Rights, Credentials: request.Credentials}
	if request.Lifetime > 0 {
		draft.ExpiresAt = m.now().Add(request.Lifetime)
	}
	made, err := m.Operator(request.Workspace).CreateConsumer(ctx, draft)
	return made.Token, err
}

// Operator returns the service of whoever runs commands on the server's own
// machine. An empty workspace means the default one.
func (m *Manager) Operator(workspace string) api.Service {
	if workspace == "" {
		workspace = paycor.DefaultWorkspace
	}
	return m.As(operator(workspace))
}

// Consumers implements api.Service.
func (s *service) Consumers(ctx context.Context) ([]consumer.Consumer, error) {
	if err := s.mayAll(ctx, audit.ActionTokenList); err != nil {
		return nil, err
	}
	s.uses.flush(ctx, true, false) // where that fails, the answer is a moment old
	consumers := []consumer.Consumer{}
	err := s.config.Store.View(ctx, func(r store.Reader) error {
		tokens, err := r.APITokens(s.caller.Workspace)
		if err != nil {
			return err
		}
		gone := map[string]bool{} // by id, of those that were looked for
		for _, token := range tokens {
			program := consumerOf(token).At(s.now())
			if program.Deleted, err = s.deleted(r, token.Credentials, gone); err != nil {
				return err
			}
			consumers = append(consumers, program)
		}
		return nil
	})
	return consumers, err
}

// deleted returns those of some credentials that are no more.
func (s *service) deleted(r store.Reader, ids []string, gone map[string]bool) (deleted []string, err error) {
	for _, id := range ids {
		if _, known := gone[id]; !known {
			_, err := r.CredentialSharing(s.caller.Workspace, id)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			gone[id] = err != nil
		}
		if gone[id] {
			deleted = append(deleted, id)
		}
	}
	return deleted, nil
}

func consumerOf(token store.APIToken) consumer.Consumer {
	return consumer.Consumer{
		ID: token.ID, Name: token.Name, Rights: token.Rights, Credentials: token.Credentials,
		CreatedAt: token.CreatedAt, CreatedBy: token.CreatedBy, ExpiresAt: token.ExpiresAt,
		LastUsedAt: token.LastUsedAt, RevokedAt: token.RevokedAt, RevokedBy: token.RevokedBy,
	}
}

// CreateConsumer implements api.Service.
func (s *service) CreateConsumer(ctx context.Context, draft consumer.Draft) (consumer.Created, error) {
	if err := s.mayAll(ctx, audit.ActionToken); err != nil {
		return consumer.Created{}, err
	}
	now := s.now()
	draft = draft.Clean()
	if problems := draft.Check(s.caller, now); len(problems) > 0 {
		return consumer.Created{}, invalidConsumer(problems...)
	}
	token := paycor.NewSecret(tokenPrefix + rand.Text() + rand.Text())
	record := store.APIToken{
		ID: "token_" + strings.ToLower(rand.Text()), Hash: hash(token), Name: draft.Name, Workspace: s.caller.Workspace,
		Rights: draft.Rights, Credentials: draft.Credentials,
		CreatedAt: now, CreatedBy: s.caller.Name, ExpiresAt: draft.ExpiresAt.UTC(),
	}
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		for _, id := range draft.Credentials {
			if _, err := tx.Credential(s.caller.Workspace, id); errors.Is(err, store.ErrNotFound) {
				return invalidConsumer(fields.Problem{Field: fields.ConsumerCredentials, Code: fields.ProblemUnknownValue,
					Message: "One of the credentials is none of this workspace. Choose it again."})
			} else if err != nil {
				return err
			}
		}
		if err := tx.InsertAPIToken(record); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionToken, Outcome: "done", Detail: granted(record)})
	})
	if err != nil {
		return consumer.Created{}, err
	}
	s.changes.Publish(s.caller.Workspace, events.Change{Action: audit.ActionToken})
	return consumer.Created{Consumer: consumerOf(record).At(now), Token: token}, nil
}

// granted is the detail of an entry about a token.
func granted(token store.APIToken) string { return consumer.GrantedTo(consumerOf(token)).String() }

func invalidConsumer(problems ...fields.Problem) error {
	return &paycor.Error{Kind: paycor.KindInvalid, Message: "The token was not made. Mend what is listed.", Problems: problems}
}

// RevokeConsumer implements api.Service.
func (s *service) RevokeConsumer(ctx context.Context, id string) error {
	if err := s.mayAll(ctx, audit.ActionTokenRevoke); err != nil {
		return err
	}
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		token, err := tx.APITokenByID(s.caller.Workspace, id)
		if err != nil || !token.RevokedAt.IsZero() {
			return err
		}
		if err := tx.RevokeAPIToken(s.caller.Workspace, id, s.now(), s.caller.Name); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionTokenRevoke, Outcome: "done", Detail: granted(token)})
	})
	if errors.Is(err, store.ErrNotFound) {
		return paycor.Errorf(paycor.KindNotFound, "There is no such API token here.")
	}
	if err == nil {
		s.changes.Publish(s.caller.Workspace, events.Change{Action: audit.ActionTokenRevoke})
	}
	return err
}
