package doctor

import (
	"context"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store/postgres"
)

const (
	// maxStandbyLag is how far a standby may be behind without a warning.
	maxStandbyLag = time.Minute

	// manyConnections is a share of the connections that a database server accepts, in percent.
	manyConnections = 80
)

// server checks the server of the database, if it is on one.
func (d *Doctor) server(ctx context.Context) []health.Finding {
	if d.config.Server == nil {
		return nil
	}
	server, err := d.config.Server(ctx)
	if err != nil {
		return nil // the check of a few rows says so
	}
	found := serverSettings(server)
	found = append(found, serverSearch(server), serverReplication(server), serverReplicas(server), serverConnections(server))
	if server.Ahead.Abs() > maxSkew {
		now := d.config.Clock().UTC()
		found = append(found, problem("clock",
			message.New("health.server-clock-off", now.Format(time.RFC3339), now.Add(server.Ahead).Format(time.RFC3339)), message.New("health.clock-fix")))
	}
	return found
}

func serverSettings(server postgres.Server) (found []health.Finding) {
	if server.Standby {
		found = append(found, problem("server", message.New("store.postgres-read-only", server.Name), message.New("health.server-primary")))
	}
	for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		if server.Settings[name] == "off" { // the server may lose what it acknowledged
			found = append(found, problem("server", message.New("health.server-unsafe", name), message.New("health.server-setting", name)))
		}
	}
	if found != nil {
		return found
	}
	milliseconds := int(server.Answered.Round(time.Millisecond).Milliseconds())
	if server.Pooled {
		return health.Fine("server", "health.server-pooled", server.Version, server.Name, milliseconds)
	}
	return health.Fine("server", "health.server-ok", server.Version, server.Name, milliseconds)
}

func serverSearch(server postgres.Server) health.Finding {
	if !server.SearchIndex {
		return warning("search", message.New("health.search-slow"), message.New("health.search-fix"))
	}
	return health.Finding{Check: "search", Status: health.OK, Message: message.New("health.search-ok")}
}

func serverReplication(server postgres.Server) health.Finding {
	lag := int(server.StandbyLag.Seconds())
	finding := health.Finding{Check: "replication", Status: health.OK}
	switch {
	case server.Standbys == 0:
		finding.Message = message.New("health.replication-none")
	case server.StandbysSeen < server.Standbys:
		finding.Message = message.New("health.replication-hidden", server.Standbys)
	case server.StandbyLag > maxStandbyLag:
		return warning("replication", message.New("health.replication-behind", server.Standbys, lag), message.New("health.replication-fix"))
	default:
		finding.Message = message.New("health.replication-ok", server.Standbys, lag)
	}
	return finding
}

func serverReplicas(server postgres.Server) health.Finding {
	count, versions := len(server.Replicas), slices.Compact(slices.Clone(server.Replicas))
	switch {
	case count == 0:
		return health.Finding{Check: "replicas", Status: health.OK, Message: message.New("health.replicas-none")}
	case len(versions) > 1:
		return warning("replicas", message.New("health.replicas-mixed", count, strings.Join(versions, ", ")), message.New("health.replicas-mixed-fix"))
	}
	return health.Finding{Check: "replicas", Status: health.OK, Message: message.New("health.replicas", count, versions[0])}
}

func serverConnections(server postgres.Server) health.Finding {
	what := message.New("health.connections", server.Connections, server.MaxConnections, server.Own)
	if server.Connections*100 >= server.MaxConnections*manyConnections {
		return warning("connections", what, message.New("health.connections-fix"))
	}
	return health.Finding{Check: "connections", Status: health.OK, Message: what}
}
