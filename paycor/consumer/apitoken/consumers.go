package apitoken

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// As returns the consumers as one caller may manage them.
func (t *Tokens) As(caller paycor.Caller) CallerConsumers { return CallerConsumers{t, caller} }

// CallerConsumers implements consumer.Service for one caller.
type CallerConsumers struct {
	tokens *Tokens
	caller paycor.Caller
}

var _ consumer.Service = CallerConsumers{}

// Consumers per page.
const (
	defaultPageSize = 100
	maxPageSize     = 200
)

// Consumers implements consumer.Service.
func (c CallerConsumers) Consumers(ctx context.Context, query consumer.Query) (consumer.Page, error) {
	config := &c.tokens.config
	page := consumer.Page{Consumers: []consumer.Consumer{}}
	if err := config.Authorizer.AuthorizeWorkspace(ctx, c.caller, audit.ActionTokenList); err != nil {
		return page, err
	}
	after, err := parseCursor(query.Cursor)
	if err != nil {
		return page, err
	}
	limit := min(max(cmp.Or(query.Limit, defaultPageSize), 1), maxPageSize)
	config.LastUsed.Flush(ctx) // if it fails, the times of last use are a moment old
	now := c.tokens.now()
	err = config.Store.List(ctx, c.caller, func(r Reader) error {
		tokens, err := r.APITokens(c.caller.Workspace, after, limit+1)
		if page.Unreadable, err = store.Lost(err); err != nil {
			return err
		}
		if len(tokens) > limit {
			tokens = tokens[:limit]
			page.Next = cursorOf(tokens[limit-1])
		}
		checked := map[string]bool{}
		for _, token := range tokens {
			listed := token.Consumer().At(now)
			if listed.Deleted, err = c.deleted(r, token.Credentials, checked); err != nil {
				return err
			}
			page.Consumers = append(page.Consumers, listed)
		}
		page.Total, _, err = r.CountAPITokens(c.caller.Workspace, now)
		_, err = store.Lost(err)
		return err
	})
	return page, err
}

// cursorOf returns the position after a token as text.
func cursorOf(token store.APIToken) string {
	return strconv.FormatInt(token.CreatedAt.UnixNano(), 10) + "." + token.ID
}

func parseCursor(cursor string) (store.APITokenPosition, error) {
	if cursor == "" {
		return store.APITokenPosition{}, nil
	}
	at, id, _ := strings.Cut(cursor, ".")
	nanoseconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || id == "" {
		return store.APITokenPosition{}, paycor.Errorf(paycor.KindMalformed, "error.list-cursor")
	}
	return store.APITokenPosition{CreatedAt: time.Unix(0, nanoseconds).UTC(), ID: id}, nil
}

// deleted returns which of some credentials no longer exist. checked carries the
// answers from one allow-list to the next, by id.
func (c CallerConsumers) deleted(r Reader, ids []string, checked map[string]bool) (deleted []string, err error) {
	for _, id := range ids {
		if _, known := checked[id]; !known {
			_, err := r.CredentialSharing(c.caller.Workspace, id)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			checked[id] = err != nil
		}
		if checked[id] {
			deleted = append(deleted, id)
		}
	}
	return deleted, nil
}

// CreateConsumer implements consumer.Service.
func (c CallerConsumers) CreateConsumer(ctx context.Context, draft consumer.Draft) (consumer.Created, error) {
	config := &c.tokens.config
	if err := config.Authorizer.AuthorizeWorkspace(ctx, c.caller, audit.ActionToken); err != nil {
		return consumer.Created{}, err
	}
	now := c.tokens.now()
	draft = draft.Clean()
	if problems := draft.Check(c.caller, now); len(problems) > 0 {
		return consumer.Created{}, invalid(problems...)
	}
	token := paycor.NewSecret(prefix + rand.Text() + rand.Text())
	record := store.APIToken{
		ID: "token_" + strings.ToLower(rand.Text()), Hash: store.HashSecret(token), Name: draft.Name, Workspace: c.caller.Workspace,
		Rights: draft.Rights, Credentials: draft.Credentials,
		CreatedAt: now, CreatedBy: c.caller.Name, ExpiresAt: draft.ExpiresAt.UTC(),
	}
	err := config.Store.Update(ctx, func(tx Tx) error {
		for _, id := range draft.Credentials {
			if _, err := tx.Credential(c.caller.Workspace, id); errors.Is(err, store.ErrNotFound) {
				return invalid(fields.Problem{Field: fields.ConsumerCredentials, Code: fields.ProblemUnknownValue,
					Message: message.New("problem.consumer-credential-unknown")})
			} else if err != nil {
				return err
			}
		}
		if _, live, err := tx.CountAPITokens(c.caller.Workspace, now); err != nil {
			return err
		} else if live >= consumer.MaxLive {
			return paycor.Errorf(paycor.KindConflict, "error.tokens-full", consumer.MaxLive)
		}
		if err := tx.InsertAPIToken(record); err != nil {
			return err
		}
		return config.Recorder.Record(tx, c.caller, audit.Entry{Action: audit.ActionToken, Outcome: "done", Detail: granted(record)})
	})
	if err != nil {
		return consumer.Created{}, err
	}
	config.Events.Publish(c.caller.Workspace, events.Change{Action: audit.ActionToken})
	return consumer.Created{Consumer: record.Consumer().At(now), Token: token}, nil
}

// RevokeConsumer implements consumer.Service.
func (c CallerConsumers) RevokeConsumer(ctx context.Context, id string) error {
	config := &c.tokens.config
	if err := config.Authorizer.AuthorizeWorkspace(ctx, c.caller, audit.ActionTokenRevoke); err != nil {
		return err
	}
	err := config.Store.Update(ctx, func(tx Tx) error {
		token, err := tx.APITokenByID(c.caller.Workspace, id)
		if err != nil || !token.RevokedAt.IsZero() {
			return err
		}
		if err := tx.RevokeAPIToken(c.caller.Workspace, id, c.tokens.now(), c.caller.Name); err != nil {
			return err
		}
		return config.Recorder.Record(tx, c.caller, audit.Entry{Action: audit.ActionTokenRevoke, Outcome: "done", Detail: granted(token)})
	})
	if errors.Is(err, store.ErrNotFound) {
		return paycor.Errorf(paycor.KindNotFound, "error.token-not-found")
	}
	if err == nil {
		config.Events.Publish(c.caller.Workspace, events.Change{Action: audit.ActionTokenRevoke})
	}
	return err
}

// granted is the detail of an audit entry about a token: what it was for.
func granted(token store.APIToken) string { return consumer.GrantedBy(token.Consumer()).String() }

func invalid(problems ...fields.Problem) error {
	return &paycor.Error{Kind: paycor.KindInvalid, Message: message.New("error.token-not-created"), Problems: problems}
}
