package sites

import (
	"context"
	"crypto/rand"
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
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// maxKeys bounds the size of a JWKS that is parsed, in bytes.
const maxKeys = 32 << 10

// As returns the embedding sites as one caller may manage them.
func (s *Sites) As(caller paycor.Caller) CallerSites { return CallerSites{s, caller} }

// CallerSites implements embed.Service for one caller.
type CallerSites struct {
	sites  *Sites
	caller paycor.Caller
}

var _ embed.Service = CallerSites{}

// Hosts implements embed.Service.
func (c CallerSites) Hosts(ctx context.Context) (listed embed.HostList, err error) {
	if err := c.authorize(ctx, audit.ActionHosts); err != nil {
		return listed, err
	}
	err = c.sites.config.Store.List(ctx, c.caller, func(r store.EmbedReader) (err error) {
		listed.Hosts, err = r.EmbedHosts(c.caller.Workspace)
		listed.Unreadable, err = store.Lost(err)
		for _, host := range listed.Hosts {
			if err == nil {
				err = listTenants(r, host, &listed)
			}
		}
		return err
	})
	return listed, err
}

// listTenants adds the tenants of a site to a list.
func listTenants(r store.EmbedReader, host embed.Host, listed *embed.HostList) error {
	tenants, err := r.EmbedTenants(host.ID)
	lost, err := store.Lost(err)
	listed.Unreadable += lost
	if len(tenants) > 0 {
		if listed.Tenants == nil {
			listed.Tenants = map[string][]embed.Tenant{}
		}
		listed.Tenants[host.ID] = tenants
	}
	return err
}

// AddHost implements embed.Service.
func (c CallerSites) AddHost(ctx context.Context, draft embed.HostDraft) (embed.Host, error) {
	config := &c.sites.config
	if err := c.authorize(ctx, audit.ActionHostAdd); err != nil {
		return embed.Host{}, err
	}
	draft, err := c.checked(draft)
	if err != nil {
		return embed.Host{}, err
	}
	host := embed.Host{
		ID: "host-" + strings.ToLower(rand.Text()[:16]), Name: draft.Name, Workspace: c.caller.Workspace,
		Origins: draft.Origins, Rights: inOrder(draft.Rights), KeysURL: draft.KeysURL,
		CreatedAt: c.sites.now(), CreatedBy: c.caller.Name, Version: 1,
	}
	if draft.ID != "" {
		host.ID = qualifiedID(c.caller.Workspace, draft.ID)
	}
	if draft.Keys != "" {
		host.Keys = json.RawMessage(draft.Keys)
	}
	err = config.Store.Update(ctx, func(tx Tx) error {
		if err := tx.InsertEmbedHost(host); err != nil {
			return err
		}
		return config.Recorder.Record(tx, c.caller, audit.Entry{Action: audit.ActionHostAdd, Outcome: "done", Detail: host.ID})
	})
	if errors.Is(err, store.ErrExists) {
		return embed.Host{}, paycor.Errorf(paycor.KindConflict, "error.site-exists", host.ID)
	}
	return host, err
}

// RemoveHost implements embed.Service.
func (c CallerSites) RemoveHost(ctx context.Context, id string) error {
	config := &c.sites.config
	if err := c.authorize(ctx, audit.ActionHostRemove); err != nil {
		return err
	}
	var workspaces []string
	err := config.Store.Update(ctx, func(tx Tx) (err error) {
		workspaces, err = tenantWorkspaces(tx, embed.Host{ID: id, Workspace: c.caller.Workspace})
		if err != nil {
			return err
		}
		if err := tx.DeleteEmbedHost(c.caller.Workspace, id); err != nil {
			return err
		}
		return c.record(tx, workspaces, audit.Entry{Action: audit.ActionHostRemove, Outcome: "done", Detail: id})
	})
	if errors.Is(err, store.ErrNotFound) {
		return paycor.Errorf(paycor.KindNotFound, "error.site-not-found")
	}
	if err != nil {
		return err
	}
	for _, workspace := range workspaces { // open frames check their session again
		config.Events.Publish(workspace, events.Change{Action: audit.ActionHostRemove})
	}
	return nil
}

// record records a change of a site in the workspaces in which its people work: it concerns the
// administrators of each.
func (c CallerSites) record(tx Tx, workspaces []string, entry audit.Entry) error {
	for _, workspace := range workspaces {
		caller := c.caller
		caller.Workspace = workspace
		if err := c.sites.config.Recorder.Record(tx, caller, entry); err != nil {
			return err
		}
	}
	return nil
}

// authorize decides whether the caller may manage embedding sites. Callers inside
// a site's frame may not, or a site could extend its own rights.
func (c CallerSites) authorize(ctx context.Context, action audit.Action) error {
	authorizer := c.sites.config.Authorizer
	if c.caller.Kind == paycor.CallerEmbedded {
		return authorizer.Deny(ctx, c.caller, action, "embedded",
			paycor.Errorf(paycor.KindForbidden, "error.site-from-inside"))
	}
	return authorizer.AuthorizeWorkspace(ctx, c.caller, action)
}

// checked returns a draft as it is stored, with its keys as a JWKS, or its problems.
func (c CallerSites) checked(draft embed.HostDraft) (embed.HostDraft, error) {
	draft = draft.Clean()
	problems := append(embed.CheckHost(draft), draft.Exceeds(c.caller)...)
	if draft.Keys != "" && len(draft.Keys) <= maxKeys {
		keys, err := hosttoken.JWKS(draft.Keys)
		if err == nil {
			draft.Keys = keys
			_, err = hosttoken.ParseKeys([]byte(keys))
		}
		if err != nil {
			problems = append(problems, fields.Problem{Field: fields.HostKeys, Code: fields.ProblemUnusualShape, Message: message.New("problem.site-keys-rejected", message.Of(err))})
		}
	}
	if len(problems) > 0 {
		return embed.HostDraft{}, &paycor.Error{Kind: paycor.KindInvalid, Problems: problems, Message: message.New("error.not-saved", problems[0].Message)}
	}
	return draft, nil
}

// inOrder returns rights in their usual order, without duplicates.
func inOrder(rights paycor.Rights) paycor.Rights {
	return slices.DeleteFunc(embed.GrantableRights(), func(right paycor.Right) bool { return !rights.Has(right) })
}
