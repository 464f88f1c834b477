package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"paycorcred/app"
	"paycorcred/paycor/audit/archive"
	"paycorcred/paycor/audit/stream"
	"paycorcred/paycor/backup"
	"paycorcred/paycor/doctor"
	"paycorcred/paycor/egress"
	"paycorcred/paycor/message"
	"paycorcred/paycor/notification/delivery"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/store"
	"paycorcred/web"
	"paycorcred/web/oidc"
)

type serve struct {
	data
	web.ListenOptions
	oidc.Options
	tuning
	scheduledBackups
	logOptions
	debugOptions
	mailOptions
	auditStreamOptions
	DrainTime   time.Duration `help:"cli.help.drain-time" default:"9s" placeholder:"TIME"`
	AuditKeep   lifetime      `help:"cli.help.audit-keep" default:"0" placeholder:"400d"`
	ArchiveDir  string        `name:"audit-archive-dir" help:"cli.help.audit-archive-dir" placeholder:"DIR"`
	ShowLink    bool          `name:"show-sign-in-link" help:"cli.help.show-sign-in-link"`
	Simulator   bool          `help:"cli.help.serve-simulator"`
	Counterpart []string      `help:"cli.help.counterpart" sep:"none" placeholder:"NAME=NAME"`
	AcceptAddr  []string      `name:"accept-address" help:"cli.help.accept-address" sep:"none" placeholder:"NAME"`
	Environment []string      `help:"cli.help.environment" sep:"none" placeholder:"NAME=API_URL[,AUTHORIZE_URL]"`
	ChangeLimit int           `name:"changes-per-minute" help:"cli.help.changes-per-minute" default:"600" placeholder:"N"`
	NotifyNet   []string      `name:"notify-network" help:"cli.help.notify-network" placeholder:"CIDR"`
	CallLimit   int           `help:"cli.help.call-limit" default:"1000" placeholder:"N"`

	egress   *egress.Rule        `kong:"-"` // set by configuration
	networks []netip.Prefix      `kong:"-"` // of NotifyNet
	mail     delivery.MailServer `kong:"-"` // of mailOptions
	receiver auditReceiver       `kong:"-"` // of auditStreamOptions
}

// Run checks the configuration, listens, and serves until ctx ends.
func (s *serve) Run(ctx context.Context, terminal terminal, file *configFile, parsed *kong.Context) error {
	signal.Ignore(syscall.SIGPIPE) // a program that reads the log may end: that must not end the server
	hangups, ignoreHangups := notifyHangups()
	defer ignoreHangups()
	limitMemory(ctx, terminal.log)
	limitGarbage()
	raiseThreads()
	listeners, err := activatedListeners()
	for _, listener := range listeners {
		defer listener.Close()
	}
	if err != nil {
		return err
	}
	activated := listeners != nil
	if activated {
		s.Listen = addressOf(listeners)
	}
	environments, settings, identity, err := s.configuration(file)
	if err != nil {
		return err
	}
	for _, sentence := range misspelledVariables(parsed.Model, os.Environ()) {
		terminal.log.WarnContext(ctx, sentence)
	}
	s.egress.Log(ctx, terminal.log)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var provider web.Provider
	checks := s.checks(s.egress)
	if s.Options.Set() {
		identity.Transport = s.egress.Transport()
		connected, err := oidc.New(ctx, identity, nil, terminal.log)
		if err != nil {
			return configurationError{explain(err)}
		}
		provider, checks.Provider = connected, providerCheck(connected)
	}
	if listeners == nil {
		if listeners, err = web.Listen(ctx, s.Listen); err != nil {
			return listenError("--listen", s.Listen, err)
		}
		for _, listener := range listeners {
			defer listener.Close()
		}
	}
	simulators, err := s.startSimulators(ctx, terminal)
	if err != nil {
		return err
	}
	preferred := environments[0].Name
	for i := len(simulators) - 1; i >= 0; i-- {
		defer simulators[i].Close()
		preferred = simulators[i].environment.Name
	}
	configured := slices.Clone(environments)
	for _, simulator := range simulators {
		environments = addEnvironment(environments, simulator.environment)
	}
	checks.Environments = environments
	checks.Certificate, checks.CertificateName = certificateCheck(s.TLSCert, s.TLSKey), s.CertificateName()
	checks.Descriptors = doctor.OwnDescriptors
	if checks.KMS != nil {
		checks.KMS = loggedKMS(checks.KMS, terminal.log)
	}
	trail := s.receiver.stream(s.egress, terminal)
	if trail != nil {
		checks.AuditStream = trail.State
	}
	monitor := doctor.NewMonitor(ctx, time.Now, doctor.New(checks).Groups()...)
	backups := s.backups(terminal)
	a, err := s.open(ctx, opening{
		environments: environments, tuning: s.tuning, migrate: true, serves: cmp.Or(terminal.version, "unknown"), egress: s.egress, development: s.Simulator, retention: s.retention(), health: monitor.Report,
		notify:  s.notifications(settings.URL(s.Listen, listeners[0]), terminal.version),
		figures: figures{findings: monitor.Findings, backup: lastBackup(backups), certificate: certificateEnd(settings.Certificates), auditStream: unsent(checks.AuditStream)},
	}, terminal)
	if err != nil {
		return err
	}
	defer a.store.Close()
	if err := a.confirmAddresses(ctx, configured, s.AcceptAddr); err != nil {
		return err
	}
	if err := a.WarnUnconfiguredEnvironments(ctx); err != nil {
		return err
	}
	if err := a.checkRecords(ctx, terminal.log); err != nil {
		return err
	}
	go a.watchSchema(ctx, terminal.log, cancel)
	jobs := make(chan struct{})
	backups.Set(s.scheduledBackups.settings())
	go func() {
		defer close(jobs)
		var running sync.WaitGroup
		running.Go(func() { a.Run(ctx) })
		running.Go(func() { backups.Run(ctx) })
		running.Go(monitor.Run)
		if trail != nil {
			running.Go(func() { trail.Run(ctx, store.ScopeOf[stream.Reader, stream.Tx](a.store)) })
		}
		running.Wait()
	}()
	defer a.logHeads(ctx)()
	server := &server{serve: s, application: a, terminal: terminal, settings: settings, provider: provider, preferred: preferred,
		parsed: parsed, hangups: hangups, activated: activated, backups: backups, hadTerminal: inTerminal(), stop: cancel,
	}
	err = server.serveUntilDone(ctx, listeners, simulators)
	if err == nil {
		<-jobs // they write too
		if foreign, is := errors.AsType[*store.SchemaError](context.Cause(ctx)); is {
			err = message.Wrapf(foreign, "cli.schema-left", foreign.Found, foreign.Own)
		}
	}
	return err
}

// retention returns which audit entries are archived, and where.
func (s *serve) retention() archive.Retention {
	return archive.Retention{Keep: time.Duration(s.AuditKeep), Directory: cmp.Or(s.ArchiveDir, filepath.Join(s.Data, "audit-archive"))}
}

// startSimulators starts the simulated environment and its peer if the flag is set.
func (s *serve) startSimulators(ctx context.Context, terminal terminal) (started []runningSimulator, err error) {
	if !s.Simulator {
		return nil, nil
	}
	for _, peer := range []bool{false, true} {
		simulator, err := startSimulator(ctx, "127.0.0.1:0", peer, terminal.log)
		if err != nil {
			for _, other := range started {
				other.Close()
			}
			return nil, err
		}
		started = append(started, simulator)
	}
	return started, nil
}

// checkRecords records which records something other than this program wrote. Those that
// cannot be read give no authority, and do not keep the server from starting.
func (a application) checkRecords(ctx context.Context, log *slog.Logger) error {
	altered, err := a.database.AlteredRecords(ctx)
	if errors.As(err, new(*store.DamagedError)) {
		log.ErrorContext(ctx, "some API tokens, sign-ins, links or embedding sites cannot be read; run \"paycorcred doctor\"", "error", err)
		err = nil
	}
	if err != nil {
		return err
	}
	return a.RecordAltered(ctx, altered)
}

// logHeads logs the heads of the audit trail. The function it returns logs the last
// one: call it when nothing is written anymore and the store is still open.
func (a application) logHeads(ctx context.Context) (stop func()) {
	logging, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() { a.LogHeads(logging); close(ended) }()
	return func() { cancel(); <-ended }
}

// server is what serve runs once everything is configured.
type server struct {
	*serve
	application
	terminal  terminal
	settings  web.ListenSettings
	provider  web.Provider // nil without OIDC
	preferred string       // environment offered first

	parsed    *kong.Context    // where serve has its flags from
	hangups   <-chan os.Signal // requests to reload
	activated bool             // the listeners are the supervisor's
	backups   *backup.Backups

	hadTerminal bool                    // the program was started in a terminal
	stop        context.CancelCauseFunc // ends the context of serveUntilDone
}

// serveUntilDone serves until ctx ends and then shuts down in order.
func (s *server) serveUntilDone(ctx context.Context, listeners []net.Listener, simulators []runningSimulator) error {
	calls, err := proxy.New(proxy.Config{
		CredentialSource: s.CredentialSource(), CallsPerMinute: s.CallLimit, Servers: s.servers(), TLS: s.egress.TLS(), ProxyFor: s.egress.ProxyFor, OnCall: s.observeCall,
		Breakers: s.breakers,
	})
	if err != nil {
		return err
	}
	defer calls.Close()
	s.calls.Store(calls)
	used, _ := s.engine()
	handler, err := web.New(web.Config{
		Access: s.application, Embedding: s.application, Activations: s.application, Calls: calls, Services: s.As, Changes: s.Changes, Ready: s.Ready,
		ChangesPerMinute: s.ChangeLimit, Metrics: s.readMetrics, Observe: s.observeRequest,
		Body: app.Body, Preferred: s.preferred, Logger: s.terminal.log, Version: s.terminal.version,
		Provider: s.provider, Hosts: s.settings.Hosts, Base: s.settings.Base, Secure: s.settings.Secure, TrustedProxies: s.settings.TrustedProxies,
		PageFiles: used.pageFiles(s.database),
	})
	if err != nil {
		return err
	}
	httpServer := web.NewHTTPServer(handler, s.terminal.log)
	s.settings.ConfigureTLS(httpServer, s.terminal.log)
	if s.settings.Certificates != nil {
		if reason := s.settings.Certificates.Unusable(); !reason.IsZero() {
			s.terminal.log.WarnContext(ctx, reason.In(catalogue))
		}
	}
	if err := s.serveDebug(ctx, s.settings, s.terminal); err != nil {
		return err
	}
	debug.FreeOSMemory() // what the start needed: the collector would leave it for minutes
	failed := make(chan error, len(listeners))
	for _, listener := range listeners {
		go func() { failed <- s.settings.Serve(httpServer, listener) }()
	}
	address, local := s.settings.URL(s.Listen, listeners[0]), endpointOf(listeners[0], s.settings.Certificates != nil)
	if err := s.announce(ctx, address, local, simulators); err != nil {
		return err
	}
	supervisor := supervisor{s.terminal.log}
	supervisor.ready(address)
	go supervisor.watchdog(ctx, alive(local))
	for {
		select {
		case err := <-failed:
			return fmt.Errorf("serving: %w", err)
		case <-s.hangups:
			if s.hadTerminal && !inTerminal() {
				s.stop(nil)
				continue
			}
			supervisor.reloading()
			s.reload(ctx)
			supervisor.ready(address)
		case <-ctx.Done():
			supervisor.stopping()
			s.shutDown(ctx, httpServer)
			return nil
		}
	}
}

// announce prints where the data is and how to sign in.
func (s *server) announce(ctx context.Context, address string, local endpoint, simulators []runningSimulator) error {
	for _, simulator := range simulators {
		simulator.describe(s.terminal.out)
	}
	used, _ := s.engine()
	fmt.Fprintf(s.terminal.out, "%s\n\n", say("cli.data-at", used.name()))
	if err := s.saveLine(addressName, address); err != nil {
		s.terminal.log.Warn("saving the address failed; give it to \"paycorcred sign-in\" with --listen", "error", err)
	}
	if err := s.saveLine(endpointName, local.String()); err != nil {
		s.terminal.log.Warn("saving where the server listens failed; give it to \"paycorcred health\" with --address", "error", err)
	}
	if s.provider != nil {
		web.PrintSignIn(s.terminal.out, catalogue, address, s.provider)
		return nil
	}
	if !s.ShowLink && isRecorded(s.terminal.out) {
		fmt.Fprintf(s.terminal.out, "%s\n\n  %s sign-in --data %s\n\n", say("cli.signin-hidden", address), shellQuote(os.Args[0]), shellQuote(s.absolute()))
		return nil
	}
	return s.printSignInLink(ctx, s.terminal.out, address)
}

// shutDown waits for active requests and token exchanges, and writes what is
// counted in memory.
func (s *server) shutDown(ctx context.Context, httpServer *http.Server) {
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.DrainTime)
	defer cancel()
	if err := web.Shutdown(draining, httpServer, s.terminal.log); err != nil {
		s.terminal.log.Warn("stopping: the last actions of these requests may not be recorded", "error", err)
	}
	s.terminal.log.Info("stopping: waiting for token exchanges, and writing usage")
	if err := s.Close(draining); err != nil {
		s.terminal.log.Warn("stopping: not everything was finished in time", "error", err)
	}
}
