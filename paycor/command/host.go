package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/textfile"
)

type host struct {
	Add    hostAdd    `cmd:"" help:"cli.help.host-add"`
	Set    hostSet    `cmd:"" help:"cli.help.host-set"`
	List   hostList   `cmd:"" help:"cli.help.host-list"`
	Remove hostRemove `cmd:"" help:"cli.help.host-remove"`
	Tenant hostTenant `cmd:"" help:"cli.help.host-tenant"`
	Key    hostKey    `cmd:"" help:"cli.help.host-key-pair"`
	Token  hostToken  `cmd:"" help:"cli.help.host-token"`
}

// openHosts opens the application and returns the operator's service for a workspace.
func (d data) openHosts(ctx context.Context, workspace string, terminal terminal) (api.Service, application, error) {
	if wrong := d.problems(); wrong != nil {
		return nil, application{}, configurationError(wrong)
	}
	opened, err := d.open(ctx, opening{}, terminal)
	if err != nil {
		return nil, application{}, err
	}
	return opened.Operator(workspace), opened, nil
}

type hostAdd struct {
	data
	ID        string   `help:"cli.help.host-id" placeholder:"ID"`
	Name      string   `help:"cli.help.host-name" placeholder:"N"`
	Origin    []string `help:"cli.help.host-origin" sep:"none" placeholder:"ORIGIN"`
	Key       string   `aliases:"jwks" help:"cli.help.host-key" placeholder:"FILE"`
	JWKSURL   string   `name:"jwks-url" help:"cli.help.host-jwks-url" placeholder:"URL"`
	Rights    string   `help:"cli.help.host-rights" default:"view" placeholder:"RIGHTS"`
	Workspace string   `help:"cli.help.workspace" default:"default"`
}

func (h *hostAdd) Run(ctx context.Context, terminal terminal) error {
	draft := embed.HostDraft{ID: h.ID, Name: h.Name, Origins: h.Origin, KeysURL: h.JWKSURL}
	var wrong configurationError
	rights, err := paycor.ParseRights(h.Rights)
	if err != nil {
		wrong = append(wrong, "--rights: "+explain(err))
	}
	draft.Rights = rights
	if h.Key != "" {
		if draft.Keys, err = readKeys(h.Key); err != nil {
			wrong = append(wrong, explain(err))
		}
	}
	if wrong != nil {
		return wrong
	}
	service, opened, err := h.openHosts(ctx, h.Workspace, terminal)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	made, err := service.AddHost(ctx, draft)
	if err != nil {
		return hostProblems("registering the host", err)
	}
	fmt.Fprintln(terminal.out, made.ID)
	return nil
}

// readKeys reads the file of --key.
func readKeys(path string) (string, error) {
	keys, err := textfile.Read(path)
	if err != nil {
		return "", fmt.Errorf("--key: %w", err)
	}
	if strings.TrimSpace(string(keys)) == "" {
		return "", errors.New(say("cli.host-key-empty", path))
	}
	return string(keys), nil
}

// hostFlags are the flags of a site's fields.
var hostFlags = map[fields.Field]string{
	fields.HostID: "--id", fields.HostName: "--name", fields.HostOrigins: "--origin",
	fields.HostRights: "--rights", fields.HostKeys: "--key", fields.HostKeysURL: "--jwks-url",
	fields.TenantID: "TENANT", fields.TenantWorkspace: "--to",
}

// hostProblems turns the problems of a site into one line each.
func hostProblems(act string, err error) error {
	var known *paycor.Error
	if !errors.As(err, &known) || len(known.Problems) == 0 {
		return fmt.Errorf("%s: %w", act, err)
	}
	var wrong configurationError
	for _, problem := range known.Problems {
		wrong = append(wrong, cmp.Or(hostFlags[problem.Field], string(problem.Field))+": "+problem.Message.In(catalogue))
	}
	return wrong
}

type hostSet struct {
	data
	ID        string   `arg:"" help:"cli.help.host-which"`
	Name      *string  `help:"cli.help.host-name" placeholder:"N"`
	Origin    []string `help:"cli.help.host-origins" sep:"none" placeholder:"ORIGIN"`
	Key       string   `aliases:"jwks" help:"cli.help.host-key" placeholder:"FILE"`
	JWKSURL   *string  `name:"jwks-url" help:"cli.help.host-jwks-url" placeholder:"URL"`
	Rights    *string  `help:"cli.help.host-rights" placeholder:"RIGHTS"`
	Workspace string   `help:"cli.help.workspace" default:"default"`
}

func (h *hostSet) Run(ctx context.Context, terminal terminal) error {
	patch := embed.HostPatch{Name: h.Name, KeysURL: h.JWKSURL}
	var wrong configurationError
	if h.Origin != nil {
		patch.Origins = &h.Origin
	}
	if h.Rights != nil {
		rights, err := paycor.ParseRights(*h.Rights)
		if err != nil {
			wrong = append(wrong, "--rights: "+explain(err))
		}
		patch.Rights = &rights
	}
	if h.Key != "" {
		keys, err := readKeys(h.Key)
		if err != nil {
			wrong = append(wrong, explain(err))
		}
		patch.Keys = &keys
	}
	if patch == (embed.HostPatch{}) && wrong == nil {
		wrong = append(wrong, say("cli.host-unchanged"))
	}
	if wrong != nil {
		return wrong
	}
	service, opened, err := h.openHosts(ctx, h.Workspace, terminal)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	if _, err := service.UpdateHost(ctx, h.ID, patch, ""); err != nil {
		return hostProblems("changing the host", err)
	}
	return nil
}

type hostList struct {
	data
	Workspace string `help:"cli.help.workspace-list" default:"default"`
}

func (h *hostList) Run(ctx context.Context, terminal terminal) error {
	service, opened, err := h.openHosts(ctx, h.Workspace, terminal)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	listed, err := service.Hosts(ctx)
	if err != nil {
		return fmt.Errorf("listing the hosts: %w", err)
	}
	if len(listed.Hosts)+listed.Unreadable == 0 {
		fmt.Fprintln(terminal.out, say("cli.host-none", h.Workspace))
	}
	for _, host := range listed.Hosts {
		fmt.Fprintf(terminal.out, "%s\t%s\t%s\t%s\n", host.ID, host.Name, host.Rights, strings.Join(host.Origins, " "))
	}
	return unreadable(listed.Unreadable)
}

type hostRemove struct {
	data
	ID        string `arg:"" help:"cli.help.host-which"`
	Workspace string `help:"cli.help.workspace" default:"default"`
}

func (h *hostRemove) Run(ctx context.Context, terminal terminal) error {
	service, opened, err := h.openHosts(ctx, h.Workspace, terminal)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	if err := service.RemoveHost(ctx, h.ID); err != nil {
		return fmt.Errorf("removing the host: %w", err)
	}
	return nil
}
