package sites

import (
	"context"
	"errors"
	"slices"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/embed/hosttoken"
	"paycorcred/paycor/events"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// AddTenant lets the people of a tenant of a site work in a workspace. The site belongs to the
// workspace of the caller, who is the operator: an administrator has authority over one
// workspace, and this takes it over two. Without rights, the tenant has those of the site.
func (s *Sites) AddTenant(ctx context.Context, caller paycor.Caller, site string, tenant embed.Tenant) (embed.Tenant, error) {
	return s.putTenant(ctx, caller, site, tenant, false)
}

// ReplaceTenant is AddTenant that first removes the tenant of that ID, if there is one. Nobody
// finds the site without it: as the only one, it would leave the site to its own people.
func (s *Sites) ReplaceTenant(ctx context.Context, caller paycor.Caller, site string, tenant embed.Tenant) (embed.Tenant, error) {
	return s.putTenant(ctx, caller, site, tenant, true)
}

func (s *Sites) putTenant(ctx context.Context, caller paycor.Caller, site string, tenant embed.Tenant, replace bool) (embed.Tenant, error) {
	host, err := s.operated(ctx, caller, audit.ActionTenantAdd, site)
	if err != nil {
		return embed.Tenant{}, err
	}
	if tenant = tenant.Clean(); len(tenant.Rights) == 0 {
		tenant.Rights = host.Rights
	}
	tenant.Rights, tenant.CreatedAt = inOrder(tenant.Rights), s.now()
	if problems := tenant.Check(host); len(problems) > 0 {
		return embed.Tenant{}, &paycor.Error{Kind: paycor.KindInvalid, Problems: problems, Message: message.New("error.not-saved", problems[0].Message)}
	}
	var removed embed.Tenant
	err = s.config.Store.Update(ctx, func(tx Tx) error {
		if err := unchanged(tx, host); err != nil {
			return err
		}
		if replace {
			if removed, err = s.takeTenant(tx, caller, host, tenant.ID, strings.EqualFold); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		count, err := tx.CountEmbedTenants(host.ID)
		if err != nil {
			return err
		}
		if count >= embed.MaxTenants {
			return paycor.Errorf(paycor.KindConflict, "error.tenants-too-many", embed.MaxTenants)
		}
		if err := tx.InsertEmbedTenant(host.ID, tenant); err != nil {
			return err
		}
		return s.recordTenant(tx, caller, audit.ActionTenantAdd, host, tenant)
	})
	if errors.Is(err, store.ErrExists) {
		return embed.Tenant{}, paycor.Errorf(paycor.KindConflict, "error.tenant-exists", host.ID, tenant.ID)
	}
	if err != nil {
		return embed.Tenant{}, err
	}
	if removed.Workspace != "" {
		s.config.Events.Publish(removed.Workspace, events.Change{Action: audit.ActionTenantRemove}) // open frames check their session again
	}
	// Sessions for no tenant have ended.
	s.config.Events.Publish(host.Workspace, events.Change{Action: audit.ActionTenantAdd})
	return tenant, nil
}

// RemoveTenant takes a tenant from a site, and ends its sessions. The caller is as that of
// AddTenant.
func (s *Sites) RemoveTenant(ctx context.Context, caller paycor.Caller, site, id string) error {
	host, err := s.operated(ctx, caller, audit.ActionTenantRemove, site)
	if err != nil {
		return err
	}
	var tenant embed.Tenant
	err = s.config.Store.Update(ctx, func(tx Tx) (err error) {
		tenant, err = s.takeTenant(tx, caller, host, id, func(a, b string) bool { return a == b })
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return paycor.Errorf(paycor.KindNotFound, "error.tenant-not-found", host.ID, id)
	}
	if err != nil {
		return err
	}
	s.config.Events.Publish(tenant.Workspace, events.Change{Action: audit.ActionTenantRemove}) // open frames check their session again
	return nil
}

// takeTenant deletes the tenant whose ID is the same and returns it, or store.ErrNotFound.
func (s *Sites) takeTenant(tx Tx, caller paycor.Caller, host embed.Host, id string, same func(a, b string) bool) (embed.Tenant, error) {
	tenants, err := tx.EmbedTenants(host.ID) // one that was altered can be removed
	if err != nil {
		return embed.Tenant{}, err
	}
	i := slices.IndexFunc(tenants, func(one embed.Tenant) bool { return same(one.ID, id) })
	if i < 0 {
		return embed.Tenant{}, store.ErrNotFound
	}
	if err := tx.DeleteEmbedTenant(host.ID, tenants[i].ID); err != nil {
		return embed.Tenant{}, err
	}
	return tenants[i], s.recordTenant(tx, caller, audit.ActionTenantRemove, host, tenants[i])
}

// operated returns a site of the caller's workspace if the caller is the operator.
func (s *Sites) operated(ctx context.Context, caller paycor.Caller, action audit.Action, site string) (embed.Host, error) {
	if caller.Kind != paycor.CallerOperator {
		return embed.Host{}, s.config.Authorizer.Deny(ctx, caller, action, "not_operator", paycor.Errorf(paycor.KindForbidden, "error.tenant-operator"))
	}
	host, err := s.EmbeddingHost(ctx, site)
	if paycor.KindOf(err) == embed.KindHostUnknown || err == nil && host.Workspace != caller.Workspace {
		err = paycor.Errorf(paycor.KindNotFound, "error.site-not-found")
	}
	return host, err
}

// recordTenant records a change of the tenants in the site's workspace and in the tenant's:
// the administrators of each see it.
func (s *Sites) recordTenant(tx Tx, caller paycor.Caller, action audit.Action, host embed.Host, tenant embed.Tenant) error {
	entry := audit.Entry{Action: action, Outcome: "done", Detail: audit.TenantDetail(host.ID, tenant.ID, tenant.Workspace, tenant.Rights)}
	if err := s.config.Recorder.Record(tx, caller, entry); err != nil || tenant.Workspace == host.Workspace {
		return err
	}
	caller.Workspace = tenant.Workspace
	return s.config.Recorder.Record(tx, caller, entry)
}

// scopeOf returns the function with which tokens of a site are verified.
func (s *Sites) scopeOf(ctx context.Context, host embed.Host) hosttoken.ScopeOf {
	return func(tenant string) (scope embed.Scope, err error) {
		err = s.config.Store.View(ctx, func(r store.EmbedReader) (err error) {
			scope, err = readScope(r, host, tenant)
			return err
		})
		return scope, s.config.Authorizer.DenyAltered(ctx, err, paycor.Errorf(embed.KindTokenTenant, "site.error.tenant-altered", host.ID))
	}
}

// readScope returns where the people of a tenant work, or embed.KindTokenTenant. A site with
// tenants has no people of its own: a token that lacks its tenant by mistake must not lead to
// the site's workspace.
func readScope(r store.EmbedReader, host embed.Host, tenant string) (embed.Scope, error) {
	if tenant != "" {
		scope, err := embed.Scope{}, error(store.ErrNotFound)
		if embed.IsTenantID(tenant) {
			scope, err = tenantScope(r, host, tenant)
		}
		if errors.Is(err, store.ErrNotFound) {
			err = paycor.Errorf(embed.KindTokenTenant, "site.error.tenant-unknown", hosttoken.Truncate(tenant), host.ID)
		}
		return scope, err
	}
	count, err := r.CountEmbedTenants(host.ID)
	if err == nil && count > 0 {
		err = paycor.Errorf(embed.KindTokenTenant, "site.error.tenant-missing")
	}
	return host.Scope(), err
}

// tenantScope returns where the people of a tenant work, or store.ErrNotFound.
func tenantScope(r store.EmbedReader, host embed.Host, id string) (embed.Scope, error) {
	tenant, err := r.EmbedTenant(host.ID, id)
	return tenant.Scope(host), err
}

// tenantWorkspaces returns the workspaces in which people of a site may work, its own first.
func tenantWorkspaces(r store.EmbedReader, host embed.Host) ([]string, error) {
	others, err := r.EmbedTenantWorkspaces(host.ID)
	others = slices.DeleteFunc(others, func(workspace string) bool { return workspace == host.Workspace })
	return append([]string{host.Workspace}, others...), err
}
