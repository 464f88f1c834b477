package command

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"paycorcred/app"
	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/proxy"
	"paycorcred/web"
	"paycorcred/web/oidc"
)

// drainTime is how long a stopping server waits for requests under way. A test
// has less.
var drainTime = 9 * time.Second

// shortestInterval is how often a credential may be verified by schedule.
const shortestInterval = 10 * time.Minute

type serve struct {
	data
	web.ListenOptions
	oidc.Options
	tuning
	Simulator   bool     `help:"${help_serve_simulator}"`
	Counterpart []string `help:"${help_counterpart}" sep:"none" placeholder:"NAME=NAME"`
	Environment []string `help:"${help_environment}" sep:"none" placeholder:"NAME=API_URL[,AUTHORIZE_URL]"`
	CallLimit   int      `help:"${help_call_limit}" default:"1000" placeholder:"N"`
}

// heapGrowth is how far the heap may grow past what lives in it before the
// garbage is collected, in percent. What lives is a few megabytes, and each call
// to Paycor leaves some kilobytes: with Go's usual 100 the collector takes a
// twelfth of a call's processor time, with 400 a busy server holds 12 MB more.
const heapGrowth = 400

func (s *serve) Run(ctx context.Context, terminal terminal) error {
	if os.Getenv("GOGC") == "" { // the operator's word stands
		debug.SetGCPercent(heapGrowth)
	}
	environments, settings, identity, err := s.configuration()
	if err != nil {
		return err
	}
	var provider web.Provider
	if s.Options.Set() {
		if provider, err = oidc.New(ctx, identity, nil, terminal.log); err != nil {
			return configurationError{explain(err)}
		}
	}
	listeners, err := web.Listen(ctx, s.Listen)
	if err != nil {
		return message.Wrapf(err, "cli.port-in-use", s.Listen, err)
	}
	for _, listener := range listeners {
		defer listener.Close()
	}
	preferred := environments[0].Name
	var simulations []simulated
	if s.Simulator {
		for _, peer := range []bool{false, true} {
			simulated, err := startSimulator(ctx, "127.0.0.1:0", peer, terminal.log)
			if err != nil {
				return err
			}
			defer simulated.Close()
			environments = add(environments, simulated.environment)
			simulations = append(simulations, simulated)
		}
		preferred = simulations[0].environment.Name
	}
	keeper, err := s.open(ctx, environments, s.tuning, terminal)
	if err != nil {
		return err
	}
	defer keeper.store.Close()
	if err := keeper.WarnUnconfiguredEnvironments(ctx); err != nil {
		return err
	}
	ran := make(chan struct{})
	go func() { keeper.Run(ctx); close(ran) }()
	calls, err := proxy.New(proxy.Config{
		CredentialSource: keeper.CredentialSource(), CallsPerMinute: s.CallLimit, HTTPProxy: throughProxy, OnCall: keeper.used,
		Breakers: keeper.breakers,
	})
	if err != nil {
		return err
	}
	defer calls.Close()
	heads := make(chan struct{})
	noting, leave := context.WithCancel(context.WithoutCancel(ctx))
	go func() { keeper.LogHeads(noting); close(heads) }()
	defer func() { leave(); <-heads }() // the last one is logged when nothing is written any more, before the store closes
	handler, err := web.New(web.Config{
		Access: keeper, Embedding: keeper, Calls: calls, Services: keeper.As, Changes: keeper.Changes, Ready: keeper.Ready,
		Metrics: keeper.readMetrics, Observe: keeper.observeRequest,
		Body: app.Body, Preferred: preferred, Logger: terminal.log, Version: terminal.version,
		Provider: provider, Hosts: settings.Hosts, Secure: settings.Secure, TrustedProxies: settings.TrustedProxies,
	})
	if err != nil {
		return err
	}
	server := web.NewHTTPServer(handler, terminal.log)
	settings.ConfigureTLS(server, terminal.log)
	failed := make(chan error, len(listeners))
	for _, listener := range listeners {
		go func() { failed <- settings.Serve(server, listener) }()
	}
	for _, simulated := range simulations {
		simulated.describe(terminal.out)
	}
	fmt.Fprintf(terminal.out, "%s\n\n", say("cli.data-at", s.absolute()))
	at := settings.URL(s.Listen, listeners[0])
	if err := s.noteAddress(at); err != nil {
		terminal.log.Warn("\"paycorcred sign-in\" has to be given the address", "error", err)
	}
	if provider != nil {
		web.PrintSignIn(terminal.out, catalogue, at, provider)
	} else if err := keeper.invite(ctx, terminal.out, at); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := web.Shutdown(draining, server, terminal.log); err != nil {
		terminal.log.Warn("stopping: what these requests did last may not be written down", "error", err)
	}
	terminal.log.Info("stopping: waiting for tokens under way, and writing down what was used")
	if err := keeper.Close(draining); err != nil {
		terminal.log.Warn("stopping: not everything was finished in time", "error", err)
	}
	<-ran // it writes, too
	return nil
}

// configuration checks everything before anything is started.
func (s *serve) configuration() ([]paycor.Environment, web.ListenSettings, oidc.Config, error) {
	settings, listening := s.ListenOptions.Check(s.Options.Set())
	identity, provider := s.Options.Config()
	wrong := texts(append(listening, provider...))
	wrong = append(wrong, s.sessionLimits.wrong()...)
	environments := paycor.Environments()
	for _, text := range s.Environment {
		for one := range strings.FieldsSeq(text) {
			environment, err := paycor.ParseEnvironment(one)
			if err != nil {
				wrong = append(wrong, "--environment: "+explain(err))
				continue
			}
			environments = add(environments, environment)
		}
	}
	for _, text := range s.Counterpart {
		for one := range strings.FieldsSeq(text) {
			if err := paycor.PairEnvironments(environments, one); err != nil {
				wrong = append(wrong, "--counterpart: "+explain(err))
			}
		}
	}
	if s.CallLimit < 1 {
		wrong = append(wrong, say("cli.call-limit", s.CallLimit))
	}
	if s.VerifyEvery != 0 && s.VerifyEvery < shortestInterval {
		wrong = append(wrong, say("cli.verify-every", s.VerifyEvery, shortestInterval))
	}
	wrong = append(wrong, s.data.wrong()...)
	if len(wrong) > 0 {
		return nil, settings, identity, configurationError(wrong)
	}
	return environments, settings, identity, nil
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
