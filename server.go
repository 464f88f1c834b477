// Command paycorcred keeps Paycor credentials: it serves the page on which
// they are entered, seals their secrets, and asks Paycor whether they work.
//
// This file only puts the rooms together. What can be tested is in them.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"paycorcred/app"
	"paycorcred/paycor"
	"paycorcred/paycor/apim"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/manager"
	"paycorcred/paycor/metrics"
	"paycorcred/paycor/oauth"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/store"
	"paycorcred/web"
	"paycorcred/web/oidc"
)

// drainTime is how long a stopping server waits for requests under way.
const drainTime = 9 * time.Second

// shortestInterval is how often a credential may be verified by schedule.
const shortestInterval = 10 * time.Minute

// databaseName is the database's file in the data directory.
const databaseName = "paycorcred.db"

// version is set by the build.
var version = "development"

// What the process ends with.
const (
	exitFailed        = 1
	exitConfiguration = 2
	exitBroken        = 3 // the audit trail is not as it was written
)

// options is the command line. Every flag is a PAYCORCRED_… variable too.
type options struct {
	Serve     serve            `cmd:"" help:"Serve the page and the API."`
	Session   session          `cmd:"" help:"List and end sign-ins."`
	SignIn    signIn           `cmd:"" help:"Print a one-time link to sign in with, also while a server runs on the same directory."`
	Token     token            `cmd:"" help:"Manage API tokens."`
	Host      host             `cmd:"" help:"Manage the sites that may embed the page."`
	Audit     auditing         `cmd:"" help:"Check and export the audit trail, whether or not a server runs."`
	Simulator simulator        `cmd:"" help:"Run the Paycor simulator alone."`
	Version   kong.VersionFlag `help:"Print the version." env:"-"`
}

// tuning is how a manager behaves.
type tuning struct {
	manager.Limits
	VerifyEvery time.Duration `help:"How often the server verifies each credential by itself, such as 12h. 0 means never." default:"24h"`
}

type data struct {
	Data string `help:"Directory of the database and its key." default:"paycorcred-data" placeholder:"DIR"`
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(arguments []string, stdout, stderr io.Writer) int {
	var chosen options
	parser, err := kong.New(&chosen,
		kong.Name("paycorcred"), kong.Description("A Paycor credential manager."),
		kong.DefaultEnvars("PAYCORCRED"), kong.Writers(stdout, stderr),
		kong.Vars{"version": version}, kong.UsageOnError(),
	)
	if err != nil {
		panic(err) // the struct above is wrong
	}
	command, err := parser.Parse(arguments)
	if err != nil {
		fmt.Fprintf(stderr, "paycorcred: %v\nSee \"paycorcred --help\".\n", err)
		return exitConfiguration
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends what does not stop by itself
	command.BindTo(ctx, (*context.Context)(nil))
	command.Bind(terminal{stdout, slog.New(slog.NewTextHandler(stderr, nil))})
	var wrong configurationError
	switch err := command.Run(); {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintln(stderr, wrong.Error())
		return exitConfiguration
	case errors.As(err, new(*audit.BrokenError)):
		fmt.Fprintln(stderr, "paycorcred:", err)
		return exitBroken
	default:
		fmt.Fprintln(stderr, "paycorcred:", err)
		return exitFailed
	}
}

// terminal is where a command writes: answers to out, everything else to log.
type terminal struct {
	out io.Writer
	log *slog.Logger
}

// configurationError lists everything that is wrong with a configuration.
type configurationError []string

func (e configurationError) Error() string {
	return "paycorcred cannot start. Mend this first:\n  - " + strings.Join(e, "\n  - ")
}

type serve struct {
	data
	web.Exposure
	oidc.Options
	tuning
	Simulator   bool     `help:"Run the Paycor simulator too, as the environment \"simulator\"."`
	Counterpart []string `help:"Pair two environments, so that a person may try in the other what one refuses. Paycor's own two are a pair. Repeatable." sep:"none" placeholder:"NAME=NAME"`
	Environment []string `help:"Add a Paycor environment, or replace one of that name. Repeatable; the variable takes several with blanks between them." sep:"none" placeholder:"NAME=API_URL[,AUTHORIZE_URL]"`
	CallLimit   int      `help:"Calls a minute to Paycor with one APIM Subscription Key. Change it only if Paycor agreed to another number." default:"1000" placeholder:"N"`
}

func (s *serve) Run(ctx context.Context, terminal terminal) error {
	environments, exposed, identity, err := s.configuration()
	if err != nil {
		return err
	}
	var provider web.Provider
	if s.Options.Set() {
		if provider, err = oidc.New(ctx, identity, nil, terminal.log); err != nil {
			return configurationError{err.Error()}
		}
	}
	listeners, err := web.Listen(ctx, s.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w; end the program that uses the port, or choose another with --listen", s.Listen, err)
	}
	for _, listener := range listeners {
		defer listener.Close()
	}
	preferred := environments[0].Name
	var simulations []simulated
	if s.Simulator {
		for _, counterpart := range []bool{false, true} {
			simulated, err := startSimulator(ctx, "127.0.0.1:0", counterpart, terminal.log)
			if err != nil {
				return err
			}
			defer simulated.Close()
			environments = add(environments, simulated.environment)
			simulations = append(simulations, simulated)
		}
		preferred = simulations[0].environment.Name
	}
	keeper, err := s.open(ctx, environments, s.tuning, terminal.log)
	if err != nil {
		return err
	}
	defer keeper.store.Close()
	go keeper.Run(ctx)
	calls, err := proxy.New(proxy.Config{
		Source: keeper.Passages(), PerMinute: s.CallLimit, Through: throughProxy, Used: keeper.used,
	})
	if err != nil {
		return err
	}
	defer calls.Close()
	keeper.calls.Store(calls)
	heads := make(chan struct{})
	noting, leave := context.WithCancel(ctx)
	go func() { keeper.NoteHeads(noting); close(heads) }()
	defer func() { leave(); <-heads }() // the last one is logged before the store closes
	handler, err := web.New(web.Config{
		Access: keeper, Embedding: keeper, Calls: calls, Services: keeper.As, Changes: keeper.Changes, Ready: keeper.Ready,
		Metrics: keeper.readMetrics, Visited: keeper.visited,
		Body: app.Body, Preferred: preferred, Logger: terminal.log, Version: version,
		Provider: provider, Hosts: exposed.Hosts, Secure: exposed.Secure, Proxies: exposed.Proxies,
	})
	if err != nil {
		return err
	}
	server := web.Server(handler, terminal.log)
	exposed.Prepare(server, terminal.log)
	failed := make(chan error, len(listeners))
	for _, listener := range listeners {
		go func() { failed <- exposed.Serve(server, listener) }()
	}
	for _, simulated := range simulations {
		simulated.describe(terminal.out)
	}
	at := exposed.Address(s.Listen, listeners[0])
	if provider != nil {
		web.Welcome(terminal.out, at, provider)
	} else if err := keeper.invite(ctx, terminal.out, at); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	terminal.log.Info("stopping: waiting for requests under way")
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := server.Shutdown(draining); err != nil {
		terminal.log.Warn("stopping: cutting off what did not end in time", "error", err)
		_ = server.Close()
	}
	if err := keeper.Drain(draining); err != nil {
		terminal.log.Warn("stopping: a token exchange did not end in time", "error", err)
	}
	return nil
}

// configuration checks everything before anything is started.
func (s *serve) configuration() ([]paycor.Environment, web.Exposed, oidc.Config, error) {
	exposed, wrong := s.Exposure.Check(s.Options.Set())
	identity, unclear := s.Options.Config()
	wrong = append(append(wrong, unclear...), s.Limits.Wrong()...)
	environments := paycor.Environments()
	for _, text := range s.Environment {
		for one := range strings.FieldsSeq(text) {
			environment, err := paycor.ParseEnvironment(one)
			if err != nil {
				wrong = append(wrong, "--environment: "+err.Error())
				continue
			}
			environments = add(environments, environment)
		}
	}
	for _, text := range s.Counterpart {
		for one := range strings.FieldsSeq(text) {
			if err := paycor.Pair(environments, one); err != nil {
				wrong = append(wrong, "--counterpart: "+err.Error())
			}
		}
	}
	if s.CallLimit < 1 {
		wrong = append(wrong, fmt.Sprintf("--call-limit %d lets nothing through; write how many calls a minute Paycor allows, such as 1000", s.CallLimit))
	}
	if s.VerifyEvery != 0 && s.VerifyEvery < shortestInterval {
		wrong = append(wrong, fmt.Sprintf("--verify-every %s is too often for Paycor; write %s or more, or 0 for never", s.VerifyEvery, shortestInterval))
	}
	wrong = append(wrong, s.data.wrong()...)
	if wrong != nil {
		return nil, exposed, identity, configurationError(wrong)
	}
	return environments, exposed, identity, nil
}

// throughProxy names the proxy of this network on the way to an address, from
// HTTPS_PROXY and NO_PROXY, as is usual.
func throughProxy(address *url.URL) (*url.URL, error) {
	return http.ProxyFromEnvironment(&http.Request{URL: address})
}

// add puts an environment in the place of one of the same name, or last.
func add(environments []paycor.Environment, environment paycor.Environment) []paycor.Environment {
	for i := range environments {
		if environments[i].Name == environment.Name {
			environments[i] = environment
			return environments
		}
	}
	return append(environments, environment)
}

// keeper is a manager with the store it was made of.
type keeper struct {
	*manager.Manager
	store   store.Store
	metrics *metrics.Metrics
	calls   *atomic.Pointer[proxy.Proxy] // nil as long as there is none
}

// breakers returns the state of each environment's circuit breaker.
func (k keeper) breakers() map[string]string {
	states := map[string]string{}
	if calls := k.calls.Load(); calls != nil {
		for _, breaker := range calls.Breakers() {
			states[breaker.Environment] = breaker.State
		}
	}
	return states
}

func (d data) wrong() []string {
	if info, err := os.Stat(d.Data); err == nil && !info.IsDir() {
		return []string{fmt.Sprintf("--data %q is a file; name a directory", d.Data)}
	}
	return nil
}

func (d data) open(ctx context.Context, environments []paycor.Environment, tuned tuning, log *slog.Logger) (keeper, error) {
	opened, err := store.OpenSQLite(ctx, store.SQLiteConfig{
		Path: filepath.Join(d.Data, databaseName), KeyFile: filepath.Join(d.Data, "paycorcred.key"), Logger: log,
	})
	if err != nil {
		return keeper{}, err
	}
	client, k := apim.New(apim.Config{Logger: log}), keeper{store: opened, calls: &atomic.Pointer[proxy.Proxy]{}}
	names := make([]string, len(environments))
	for i, environment := range environments {
		names[i] = environment.Name
	}
	k.metrics = metrics.New(metrics.Config{
		Version: version, Environments: names, Breakers: k.breakers,
		Waiting: func() int64 { return k.Waiting() }, Countable: func() error { return k.Countable() },
	})
	k.Manager, err = manager.New(manager.Config{
		Store: opened, Environments: environments, Ask: client.Verify, Exchange: oauth.New(client), Look: client.DataAccess, Logger: log, VerifyEvery: tuned.VerifyEvery,
		SessionIdle: tuned.SessionIdle, SessionLimit: tuned.SessionLifetime,
		Exchanged: k.metrics.Exchanged, Verified: k.metrics.Verified,
	})
	if err != nil {
		return keeper{}, errors.Join(err, opened.Close())
	}
	return k, nil
}

// used counts a call to Paycor: for the trail, and for the metrics.
func (k keeper) used(use paycor.Use) {
	k.Used(use)
	k.metrics.Used(use)
}

func (k keeper) visited(visited web.Visited) {
	k.metrics.Request(visited.Route, visited.Method, visited.Status, visited.Took)
}

func (k keeper) readMetrics(ctx context.Context, caller paycor.Caller) (http.Handler, error) {
	return k.metrics.Handler(), k.Observe(ctx, caller)
}

// invite prints a one-time sign-in link.
func (k keeper) invite(ctx context.Context, out io.Writer, address string) error {
	code, expires, err := k.SignInCode(ctx)
	if err != nil {
		return fmt.Errorf("making a sign-in link: %w", err)
	}
	fmt.Fprintf(out, "Open this link to sign in. It works once, until %s:\n\n  %s/sign-in?code=%s\n\n",
		expires.Local().Format("15:04"), address, url.QueryEscape(code.Reveal()))
	return nil
}

type signIn struct {
	data
	Listen    string `help:"Address the server listens on." default:"localhost:8080" placeholder:"ADDR"`
	PublicURL string `name:"public-url" help:"The address under which people open the server, where that is another." placeholder:"URL"`
}

func (s *signIn) Run(ctx context.Context, terminal terminal) error {
	return s.existing(ctx, terminal, func(keeper keeper) error {
		return keeper.invite(ctx, terminal.out, cmp.Or(strings.TrimSuffix(s.PublicURL, "/"), "http://"+s.Listen))
	})
}

// existing opens the data of a server that has run before.
func (d data) existing(ctx context.Context, terminal terminal, do func(keeper) error) error {
	if wrong := d.wrong(); wrong != nil {
		return configurationError(wrong)
	}
	if _, err := os.Stat(filepath.Join(d.Data, databaseName)); errors.Is(err, os.ErrNotExist) {
		return configurationError{fmt.Sprintf("--data %q is not where a server keeps its data; name the directory that the server was started with", d.Data)}
	}
	keeper, err := d.open(ctx, nil, tuning{}, terminal.log)
	if err != nil {
		return err
	}
	defer keeper.store.Close()
	return do(keeper)
}

type session struct {
	List   sessionList   `cmd:"" help:"List the sign-ins of a workspace."`
	Revoke sessionRevoke `cmd:"" help:"End a sign-in at once."`
}

type sessionList struct {
	data
	Workspace string `help:"Workspace whose sign-ins are meant." default:"default"`
}

func (s *sessionList) Run(ctx context.Context, terminal terminal) error {
	return s.existing(ctx, terminal, func(keeper keeper) error {
		sessions, err := keeper.SessionsOf(ctx, s.Workspace)
		for _, one := range sessions {
			fmt.Fprintf(terminal.out, "%s  %s  %s  from %s  since %s, last used %s\n", one.ID, cmp.Or(one.Login, one.Name), one.Rights,
				one.From, one.CreatedAt.Local().Format(time.DateTime), one.SeenAt.Local().Format(time.DateTime))
		}
		return err
	})
}

type sessionRevoke struct {
	data
	Workspace string `help:"Workspace of the sign-in." default:"default"`
	ID        string `arg:"" help:"The sign-in's id, as \"session list\" prints it."`
}

func (s *sessionRevoke) Run(ctx context.Context, terminal terminal) error {
	return s.existing(ctx, terminal, func(keeper keeper) error { return keeper.EndSessionOf(ctx, s.Workspace, s.ID) })
}

type token struct {
	Create tokenCreate `cmd:"" help:"Make an API token and print it. Only its hash is kept."`
	List   tokenList   `cmd:"" help:"List API tokens, without the tokens themselves."`
	Revoke tokenRevoke `cmd:"" help:"End an API token, at once and also for a server that runs."`
}

type tokenCreate struct {
	data
	Name       string        `help:"What the token is for." placeholder:"N"`
	Rights     string        `help:"What it may do, with commas between: view, read (call Paycor with GET and HEAD), use (call Paycor), edit, admin." default:"view" placeholder:"RIGHTS"`
	Credential []string      `help:"Id of a credential it may touch. Repeatable; without it, all." sep:"," placeholder:"ID"`
	Workspace  string        `help:"Workspace it belongs to." default:"default"`
	Lifetime   time.Duration `help:"How long it works, such as 720h. 0 means that it does not expire." default:"0"`
}

func (t *tokenCreate) Run(ctx context.Context, terminal terminal) error {
	wrong := configurationError(t.wrong())
	rights, err := paycor.ParseRights(t.Rights)
	if err != nil {
		wrong = append(wrong, "--rights: "+err.Error())
	}
	if strings.TrimSpace(t.Name) == "" {
		wrong = append(wrong, "--name is missing; say what the token is for, such as --name nightly-import")
	}
	if strings.TrimSpace(t.Workspace) == "" {
		wrong = append(wrong, "--workspace is empty; leave it out for the workspace \"default\"")
	}
	if t.Lifetime < 0 {
		wrong = append(wrong, "--lifetime is negative; write how long the token works, such as 720h")
	}
	if wrong != nil {
		return wrong
	}
	keeper, err := t.open(ctx, nil, tuning{}, terminal.log)
	if err != nil {
		return err
	}
	defer keeper.store.Close()
	made, err := keeper.CreateToken(ctx, manager.TokenRequest{
		Name: t.Name, Workspace: strings.TrimSpace(t.Workspace), Rights: rights, Credentials: t.Credential, Lifetime: t.Lifetime,
	})
	if problems := paycor.ProblemsOf(err); problems != nil {
		for _, problem := range problems {
			wrong = append(wrong, problem.Message)
		}
		return wrong
	}
	if err != nil {
		return fmt.Errorf("making an API token: %w", err)
	}
	fmt.Fprintln(terminal.out, made.Reveal())
	return nil
}

type auditing struct {
	Verify auditVerify `cmd:"" help:"Check that no entry was changed, removed, put in or moved, and print the newest entry's head. Ends with 3 where the trail is broken."`
	Export auditExport `cmd:"" help:"Print the entries as JSON lines, oldest first."`
}

type auditVerify struct {
	data
	File       string   `help:"Check an exported trail instead; - reads standard input." placeholder:"FILE"`
	Gaps       bool     `help:"With --file: entries may be left out, as in a filtered export or in one of the API."`
	ExpectHead []string `help:"A head that was noted before: everything up to it still has to be there. Repeatable." placeholder:"NUMBER:HASH"`
}

func (v *auditVerify) Run(ctx context.Context, terminal terminal) error {
	var wrong configurationError
	var heads []audit.Head
	for _, text := range v.ExpectHead {
		head, err := audit.ParseHead(text)
		if err != nil {
			wrong = append(wrong, "--expect-head: "+err.Error())
		}
		heads = append(heads, head)
	}
	if v.Gaps && v.File == "" {
		wrong = append(wrong, "--gaps goes with --file only; a database has no gaps")
	}
	if wrong != nil {
		return wrong
	}
	if v.File != "" {
		return v.checkFile(terminal, heads)
	}
	return v.readTrail(ctx, func(trail *store.Trail) error {
		head, err := audit.Check(nil, trail.Entries(ctx), heads...)
		if err == nil {
			fmt.Fprintf(terminal.out, "The audit trail is whole: %d entries. Its head is\n%s\n", head.Sequence, head)
		}
		return err
	})
}

func (v *auditVerify) checkFile(terminal terminal, heads []audit.Head) error {
	from := io.Reader(os.Stdin)
	if v.File != "-" {
		file, err := os.Open(v.File)
		if err != nil {
			return fmt.Errorf("opening the exported trail: %w", err)
		}
		defer file.Close()
		from = file
	}
	found, err := audit.CheckLines(audit.ReadLines(from), v.Gaps, heads...)
	if err != nil {
		return err
	}
	fmt.Fprintf(terminal.out, "The exported trail is whole: %d entries behind entry %d, %d left out. Its head is\n%s\n",
		found.Lines, found.First.Sequence, found.Gaps, found.Last)
	return nil
}

type auditExport struct {
	data
	After      int64  `help:"Begin behind the entry with this number: the last one there is already." placeholder:"SEQUENCE"`
	Workspace  string `help:"Only this workspace's entries." placeholder:"NAME"`
	Credential string `help:"Only entries about the credential with this id." placeholder:"ID"`
	Caller     string `help:"Only what this caller did: an id, or a part of a name." placeholder:"WHO"`
	Action     string `help:"Only this action, such as credential.update." placeholder:"ACTION"`
	Outcome    string `help:"Only this outcome, such as refused." placeholder:"OUTCOME"`
	RequestID  string `help:"Only what this request did." placeholder:"ID"`
	From       string `help:"The earliest: a day in UTC, or a moment such as 2026-03-31T17:00:00Z." placeholder:"TIME"`
	To         string `help:"The latest: a day in UTC, which is within, or a moment, which is not." placeholder:"TIME"`
}

func (e *auditExport) Run(ctx context.Context, terminal terminal) error {
	query, problems := paycor.AuditFilter{
		Credential: e.Credential, Caller: e.Caller, Action: paycor.Action(e.Action), Outcome: e.Outcome, RequestID: e.RequestID, From: e.From, To: e.To,
	}.Query()
	if len(problems) > 0 {
		return configurationError{"--" + problems[0].Message}
	}
	return e.readTrail(ctx, func(trail *store.Trail) error {
		out := bufio.NewWriter(terminal.out)
		lines := json.NewEncoder(out)
		for line, err := range trail.Lines(ctx, e.After) {
			if err != nil {
				return errors.Join(err, out.Flush())
			}
			if query.Matches(line.AuditEntry) && (e.Workspace == "" || e.Workspace == line.Workspace) {
				if err := lines.Encode(line); err != nil {
					return err
				}
			}
		}
		return out.Flush()
	})
}

// readTrail reads the trail of the data directory's database. Where a server
// began to write meanwhile, what was found may be its doing.
func (d data) readTrail(ctx context.Context, read func(*store.Trail) error) error {
	path := filepath.Join(d.Data, databaseName)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return configurationError{fmt.Sprintf("--data %q is not where a server keeps its data; name the directory that the server was started with", d.Data)}
	}
	trail, err := store.OpenTrail(ctx, path)
	if err != nil {
		return err
	}
	err = read(trail)
	disturbed := trail.Disturbed()
	if err := errors.Join(err, trail.Close()); err != nil && disturbed {
		return fmt.Errorf("a server began to use the database meanwhile, so this says nothing; run it again (%v)", err)
	}
	return err
}

type host struct {
	Add    hostAdd    `cmd:"" help:"Register a site that may embed the page."`
	List   hostList   `cmd:"" help:"List the sites that may embed the page."`
	Remove hostRemove `cmd:"" help:"Remove one. Its frames stop working at once."`
}

// hosts opens the service that manages a workspace's hosts, for the operator.
func (d data) hosts(ctx context.Context, workspace string, log *slog.Logger) (paycor.Service, keeper, error) {
	if wrong := d.wrong(); wrong != nil {
		return nil, keeper{}, configurationError(wrong)
	}
	opened, err := d.open(ctx, nil, 0, log)
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
	draft := paycor.HostDraft{ID: h.ID, Name: h.Name, Origins: h.Origin, KeysURL: h.JWKSURL}
	var wrong configurationError
	rights, err := paycor.ParseRights(h.Rights)
	if err != nil {
		wrong = append(wrong, "--rights: "+err.Error())
	}
	draft.Rights = rights
	if h.JWKS != "" {
		keys, err := os.ReadFile(h.JWKS)
		if err != nil {
			wrong = append(wrong, "--jwks: "+err.Error())
		}
		draft.Keys = string(keys)
	}
	if wrong != nil {
		return wrong
	}
	service, opened, err := h.hosts(ctx, h.Workspace, terminal.log)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	made, err := service.AddHost(ctx, draft)
	var known *paycor.Error
	if errors.As(err, &known) && len(known.Problems) > 0 {
		for _, problem := range known.Problems {
			wrong = append(wrong, string(problem.Field)+": "+problem.Message)
		}
		return wrong
	}
	if err != nil {
		return fmt.Errorf("registering the host: %w", err)
	}
	fmt.Fprintln(terminal.out, made.ID)
	return nil
}

type hostList struct {
	data
	Workspace string `help:"Workspace whose hosts are listed." default:"default"`
}

func (h *hostList) Run(ctx context.Context, terminal terminal) error {
	service, opened, err := h.hosts(ctx, h.Workspace, terminal.log)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	hosts, err := service.Hosts(ctx)
	if err != nil {
		return fmt.Errorf("listing the hosts: %w", err)
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
	service, opened, err := h.hosts(ctx, h.Workspace, terminal.log)
	if err != nil {
		return err
	}
	defer opened.store.Close()
	if err := service.RemoveHost(ctx, h.ID); err != nil {
		return fmt.Errorf("removing the host: %w", err)
	}
	return nil
}

type tokenList struct {
	data
	Workspace string `help:"Workspace they belong to." default:"default"`
}

func (t *tokenList) Run(ctx context.Context, terminal terminal) error {
	return t.existing(ctx, terminal, func(keeper keeper) error {
		consumers, err := keeper.Operator(t.Workspace).Consumers(ctx)
		if err != nil {
			return fmt.Errorf("listing API tokens: %w", err)
		}
		table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tSTATE\tRIGHTS\tCREDENTIALS\tENDS\tLAST USED")
		for _, c := range consumers {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Name, c.State, c.Rights,
				cmp.Or(strings.Join(c.Credentials, ","), "all"), moment(c.ExpiresAt), moment(c.LastUsedAt))
		}
		return table.Flush()
	})
}

func moment(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.UTC().Format(time.RFC3339)
}

type tokenRevoke struct {
	data
	ID        string `arg:"" help:"Id of the token, as \"token list\" prints it."`
	Workspace string `help:"Workspace it belongs to." default:"default"`
}

func (t *tokenRevoke) Run(ctx context.Context, terminal terminal) error {
	return t.existing(ctx, terminal, func(keeper keeper) error {
		switch err := keeper.Operator(t.Workspace).RevokeConsumer(ctx, t.ID); {
		case paycor.KindOf(err) == paycor.KindNotFound:
			return configurationError{fmt.Sprintf("there is no API token %q in the workspace %q; \"paycorcred token list\" prints the ids", t.ID, t.Workspace)}
		case err != nil:
			return fmt.Errorf("revoking an API token: %w", err)
		}
		fmt.Fprintln(terminal.out, "Revoked. The token is refused from now on, also by a server that runs.")
		return nil
	})
}

type simulator struct {
	Listen string `help:"Loopback address to listen on." default:"127.0.0.1:8081" placeholder:"ADDR"`
}

func (s *simulator) Run(ctx context.Context, terminal terminal) error {
	simulated, err := startSimulator(ctx, s.Listen, false, terminal.log)
	if err != nil {
		return err
	}
	defer simulated.Close()
	fmt.Fprintf(terminal.out, "The Paycor simulator listens on %s. Use it with\n\n  paycorcred serve --environment simulator=%s\n\n",
		simulated.environment.APIURL, simulated.environment.APIURL)
	simulated.describe(terminal.out)
	<-ctx.Done()
	return nil
}

// simulated is a simulator that listens.
type simulated struct {
	*paycortest.Simulator
	environment paycor.Environment
}

func startSimulator(ctx context.Context, listen string, counterpart bool, log *slog.Logger) (simulated, error) {
	listener, err := paycortest.Listen(ctx, listen)
	if err != nil {
		return simulated{}, err
	}
	made := paycortest.New(paycortest.Config{Logger: log, Counterpart: counterpart})
	server := &http.Server{Handler: made, ReadHeaderTimeout: web.HeaderTimeout}
	go func() {
		if err := server.Serve(listener); err != nil && ctx.Err() == nil {
			log.Error("the simulator stopped", "error", err)
		}
	}()
	at := "http://" + listener.Addr().String()
	environment := paycor.Environment{
		Name: "simulator", Title: "Simulator (this machine)", Counterpart: "simulator-sandbox", APIURL: at,
		AuthorizeURL: at + "/AppActivation/Authorize", PortalURL: at + "/simulator/",
	}
	if counterpart {
		environment.Name, environment.Title, environment.Counterpart = "simulator-sandbox", "Simulator's sandbox (this machine)", "simulator"
	}
	return simulated{made, environment}, nil
}

// describe prints the values to try things out with.
func (s simulated) describe(out io.Writer) {
	fmt.Fprintf(out, "To try things out, choose the environment %q and one of\nthese invented applications:\n", s.environment.Title)
	for _, sample := range s.Samples() {
		fmt.Fprintf(out, "\n  %s: %s\n", sample.Name, sample.Note)
		fmt.Fprintf(out, "    Client ID              %s\n    Client Secret          %s\n    APIM Subscription Key  %s\n    Legal Entity ID        %d\n    Scope ID               %s (only to activate it)\n",
			sample.ClientID, sample.ClientSecret, sample.PrimaryKey, sample.Entities[0].ID, sample.Scopes[len(sample.Scopes)-1].ID)
	}
	fmt.Fprintf(out, "\nWhat if a key is wrong, or Paycor is down? Switch faults on and off at %s\n\n", s.environment.PortalURL)
}
