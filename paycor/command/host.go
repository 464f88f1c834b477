package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
	"strings"
)

type host struct {
	Add    hostAdd    `cmd:"" help:"Register a site that may embed the page."`
	Set    hostSet    `cmd:"" help:"Change one. What is not given is kept."`
	List   hostList   `cmd:"" help:"List the sites that may embed the page."`
	Remove hostRemove `cmd:"" help:"Remove one. Its frames stop working at once."`
}

// hosts opens the service that manages a workspace's hosts, for the operator.
func (d data) hosts(ctx context.Context, workspace string, terminal terminal) (api.Service, keeper, error) {
	if wrong := d.wrong(); wrong != nil {
		return nil, keeper{}, configurationError(wrong)
	}
	opened, err := d.open(ctx, nil, tuning{}, terminal)
	if err != nil {
		return nil, keeper{}, err
	}
	return opened.Operator(workspace), opened, nil
}

type hostAdd struct {
	data
	ID        string   `help:"Id of the host, which its tokens name as iss. Without one it is made." placeholder:"ID"`
	Name      string   `help:"What people call the site." placeholder:"N"`
	Origin    []string `help:"Exact origin, such as https://console.example. Repeatable." sep:"none" placeholder:"ORIGIN"`
	JWKS      string   `name:"jwks" help:"File with the site's public keys." placeholder:"FILE"`
	JWKSURL   string   `name:"jwks-url" help:"Address of the site's public keys, in place of a file." placeholder:"URL"`
	Rights    string   `help:"The most its tokens can carry, with commas between: view, read, use, edit, admin." default:"view" placeholder:"RIGHTS"`
	Workspace string   `help:"Workspace it belongs to." default:"default"`
}

func (h *hostAdd) Run(ctx context.Context, terminal terminal) error {
	draft := embed.HostDraft{ID: h.ID, Name: h.Name, Origins: h.Origin, KeysURL: h.JWKSURL}
	var wrong configurationError
	rights, err := paycor.ParseRights(h.Rights)
	if err != nil {
		wrong = append(wrong, "--rights: "+err.Error())
	}
	draft.Rights = rights
	if h.JWKS != "" {
		if draft.Keys, err = readKeys(h.JWKS); err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	if wrong != nil {
		return wrong
	}
	service, opened, err := h.hosts(ctx, h.Workspace, terminal)
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

// readKeys reads the file of --jwks.
func readKeys(path string) (string, error) {
	keys, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("--jwks: %w", err)
	}
	if strings.TrimSpace(string(keys)) == "" {
		return "", fmt.Errorf("--jwks %q is empty; write the site's public keys into it as a JWKS", path)
	}
	return string(keys), nil
}

// hostFlags are the flags that a host's fields are given by.
var hostFlags = map[fields.Field]string{
	fields.HostID: "--id", fields.HostName: "--name", fields.HostOrigins: "--origin",
	fields.HostRights: "--rights", fields.HostKeys: "--jwks", fields.HostKeysURL: "--jwks-url",
}

// hostProblems says each thing that is wrong with a host in a line of its own.
func hostProblems(act string, err error) error {
	var known *paycor.Error
	if !errors.As(err, &known) || len(known.Problems) == 0 {
		return fmt.Errorf("%s: %w", act, err)
	}
	var wrong configurationError
	for _, problem := range known.Problems {
		text := problem.Message.In(catalogue)
		if problem.Field == fields.HostKeys && problem.Code == fields.ProblemRequired {
			text = say("cli.host-jwks-missing")
		}
		wrong = append(wrong, cmp.Or(hostFlags[problem.Field], string(problem.Field))+": "+text)
	}
	return wrong
}

type hostSet struct {
	data
	ID        string   `arg:"" help:"Id of the host."`
	Name      *string  `help:"What people call the site." placeholder:"N"`
	Origin    []string `help:"Exact origin, such as https://console.example. Repeatable; those that are not given are taken away." sep:"none" placeholder:"ORIGIN"`
	JWKS      string   `name:"jwks" help:"File with the site's public keys." placeholder:"FILE"`
	JWKSURL   *string  `name:"jwks-url" help:"Address of the site's public keys, in place of a file." placeholder:"URL"`
	Rights    *string  `help:"The most its tokens can carry, with commas between: view, read, use, edit, admin." placeholder:"RIGHTS"`
	Workspace string   `help:"Workspace it belongs to." default:"default"`
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
			wrong = append(wrong, "--rights: "+err.Error())
		}
		patch.Rights = &rights
	}
	if h.JWKS != "" {
		keys, err := readKeys(h.JWKS)
		if err != nil {
			wrong = append(wrong, err.Error())
		}
		patch.Keys = &keys
	}
	if patch == (embed.HostPatch{}) && wrong == nil {
		wrong = append(wrong, "host set: nothing is to be changed; give at least one of --name, --origin, --jwks, --jwks-url and --rights")
	}
	if wrong != nil {
		return wrong
	}
	service, opened, err := h.hosts(ctx, h.Workspace, terminal)
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
	Workspace string `help:"Workspace whose hosts are listed." default:"default"`
}

func (h *hostList) Run(ctx context.Context, terminal terminal) error {
	service, opened, err := h.hosts(ctx, h.Workspace, terminal)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	hosts, err := service.Hosts(ctx)
	if err != nil {
		return fmt.Errorf("listing the hosts: %w", err)
	}
	if len(hosts) == 0 {
		fmt.Fprintf(terminal.out, "No host is registered in the workspace %q.\n", h.Workspace)
	}
	for _, host := range hosts {
		fmt.Fprintf(terminal.out, "%s\t%s\t%s\t%s\n", host.ID, host.Name, host.Rights, strings.Join(host.Origins, " "))
	}
	return nil
}

type hostRemove struct {
	data
	ID        string `arg:"" help:"Id of the host."`
	Workspace string `help:"Workspace it belongs to." default:"default"`
}

func (h *hostRemove) Run(ctx context.Context, terminal terminal) error {
	service, opened, err := h.hosts(ctx, h.Workspace, terminal)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	if err := service.RemoveHost(ctx, h.ID); err != nil {
		return fmt.Errorf("removing the host: %w", err)
	}
	return nil
}
