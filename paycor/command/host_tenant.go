package command

import (
	"context"
	"fmt"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/rights"
)

// hostTenant manages the tenants of a site. Only the operator does: a tenant gives a site of one
// workspace access to another one, and no administrator has two.
type hostTenant struct {
	Add    hostTenantAdd    `cmd:"" help:"cli.help.host-tenant-add"`
	List   hostTenantList   `cmd:"" help:"cli.help.host-tenant-list"`
	Remove hostTenantRemove `cmd:"" help:"cli.help.host-tenant-remove"`
}

type hostTenantAdd struct {
	data
	Site      string `arg:"" help:"cli.help.host-which"`
	Tenant    string `arg:"" help:"cli.help.host-tenant-which"`
	To        string `required:"" help:"cli.help.host-tenant-to" placeholder:"WORKSPACE"`
	Rights    string `help:"cli.help.host-tenant-rights" placeholder:"RIGHTS"`
	Replace   bool   `help:"cli.help.host-tenant-replace"`
	Workspace string `help:"cli.help.workspace" default:"default"`
}

func (h *hostTenantAdd) Run(ctx context.Context, terminal terminal) error {
	tenant := embed.Tenant{ID: h.Tenant, Workspace: h.To}
	if h.Rights != "" {
		granted, err := paycor.ParseRights(h.Rights)
		if err != nil {
			return configurationError{"--rights: " + explain(err)}
		}
		tenant.Rights = granted
	}
	_, opened, err := h.openHosts(ctx, h.Workspace, terminal)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	add := opened.AddTenant
	if h.Replace {
		add = opened.ReplaceTenant
	}
	made, err := add(ctx, rights.Operator(h.Workspace), h.Site, tenant)
	if err != nil {
		return hostProblems("adding the tenant", err)
	}
	fmt.Fprintln(terminal.out, say("cli.host-tenant-added", made.ID, h.Site, made.Workspace, made.Rights))
	return nil
}

type hostTenantList struct {
	data
	Site      string `arg:"" help:"cli.help.host-which"`
	Workspace string `help:"cli.help.workspace" default:"default"`
}

func (h *hostTenantList) Run(ctx context.Context, terminal terminal) error {
	service, opened, err := h.openHosts(ctx, h.Workspace, terminal)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	listed, err := service.Hosts(ctx)
	if err != nil {
		return fmt.Errorf("listing the tenants: %w", err)
	}
	tenants := listed.Tenants[h.Site]
	if len(tenants)+listed.Unreadable == 0 {
		fmt.Fprintln(terminal.out, say("cli.host-tenant-none", h.Site))
	}
	if len(tenants) > 0 {
		rows := newTable(terminal.out, "tenant", "workspace", "rights", "since")
		for _, tenant := range tenants {
			rows.row(tenant.ID, tenant.Workspace, tenant.Rights.String(), tenant.CreatedAt.Format(time.RFC3339))
		}
		if err := rows.flush(); err != nil {
			return err
		}
	}
	return unreadable(listed.Unreadable)
}

type hostTenantRemove struct {
	data
	Site      string `arg:"" help:"cli.help.host-which"`
	Tenant    string `arg:"" help:"cli.help.host-tenant-which"`
	Workspace string `help:"cli.help.workspace" default:"default"`
}

func (h *hostTenantRemove) Run(ctx context.Context, terminal terminal) error {
	service, opened, err := h.openHosts(ctx, h.Workspace, terminal)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	if err := opened.RemoveTenant(ctx, rights.Operator(h.Workspace), h.Site, h.Tenant); err != nil {
		return fmt.Errorf("removing the tenant: %w", err)
	}
	listed, err := service.Hosts(ctx)
	if err != nil {
		return fmt.Errorf("listing the tenants: %w", err)
	}
	fmt.Fprintln(terminal.out, say("cli.host-tenant-removed", h.Tenant, h.Site))
	if len(listed.Tenants[h.Site])+listed.Unreadable == 0 {
		fmt.Fprintln(terminal.out, say("cli.host-tenant-last", h.Site, h.Workspace))
	}
	return nil
}
