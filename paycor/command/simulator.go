package command

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
	"paycorcred/web"
)

type simulator struct {
	Listen string `help:"cli.help.simulator-listen" default:"127.0.0.1:8081" placeholder:"ADDR"`
}

func (s *simulator) Run(ctx context.Context, terminal terminal) error {
	simulator, err := startSimulator(ctx, s.Listen, false, terminal.log)
	if err != nil {
		return err
	}
	defer simulator.Close()
	fmt.Fprintf(terminal.out, "%s\n\n  paycorcred serve --environment simulator=%s\n\n",
		say("cli.simulator-at", simulator.environment.APIURL), simulator.environment.APIURL)
	simulator.describe(terminal.out)
	<-ctx.Done()
	return nil
}

// runningSimulator is a simulator that accepts connections.
type runningSimulator struct {
	*paycortest.Simulator
	environment paycor.Environment
}

func startSimulator(ctx context.Context, listen string, peer bool, log *slog.Logger) (runningSimulator, error) {
	listener, err := paycortest.Listen(ctx, listen)
	if err != nil {
		return runningSimulator{}, err
	}
	made := paycortest.New(paycortest.Config{Logger: log, Peer: peer})
	server := &http.Server{Handler: made, ReadHeaderTimeout: web.HeaderTimeout}
	go func() {
		if err := server.Serve(listener); err != nil && ctx.Err() == nil {
			log.Error("the simulator stopped", "error", err)
		}
	}()
	at := "http://" + listener.Addr().String()
	environment := paycor.Environment{
		Name: "simulator", Peer: "simulator-sandbox", APIURL: at,
		AuthorizeURL: at + "/AppActivation/Authorize", PortalURL: at + "/simulator/",
	}
	if peer {
		environment.Name, environment.Peer = "simulator-sandbox", "simulator"
	}
	return runningSimulator{made, environment}, nil
}

// describe prints the credentials to try.
func (s runningSimulator) describe(out io.Writer) {
	fmt.Fprintln(out, say("cli.simulator-try", s.environment.Title().In(catalogue)))
	for _, sample := range s.Samples() {
		fmt.Fprintf(out, "\n  %s: %s\n", sample.Name, sample.Note)
		fmt.Fprintf(out, "    Client ID              %s\n    Client Secret          %s\n    APIM Subscription Key  %s\n    Legal Entity ID        %d\n    Scope ID               %s %s\n",
			sample.ClientID, sample.ClientSecret, sample.PrimaryKey, sample.Entities[0].ID, sample.Scopes[len(sample.Scopes)-1].ID, say("cli.simulator-scope"))
	}
	fmt.Fprintf(out, "\n%s\n\n", say("cli.simulator-faults", s.environment.PortalURL))
}
