package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is what a database says of itself and of the server that it is on. What its user
// may not see is unknown.
type Server struct {
	Name    string // of the database, with host and without user and password
	Version string // such as 15.8
	Pooled  bool   // there is a pooler in front of it
	Standby bool   // it cannot be written

	Answered time.Duration // how long a query takes
	Ahead    time.Duration // its clock before the one of this machine

	SearchIndex bool  // searches have an index: there is the extension pg_trgm
	Size        int64 // of the database, in bytes

	Connections, MaxConnections int // of all clients
	Own                         int // connections of this program, from all its processes

	Standbys, StandbysSeen int           // that are connected, and those whose lag the user may see
	StandbyLag             time.Duration // of the standby that is furthest behind

	Replicas []string // versions of the programs that serve from the database now, one each

	Settings map[string]string // by name, those that an operator may have to change
}

// settings are the settings of a Server.
var settings = []string{"fsync", "full_page_writes", "synchronous_commit"}

// Describe connects to a database and asks it about itself. It may be empty.
func Describe(ctx context.Context, config Config) (server Server, err error) {
	if config, err = config.withDefaults(); err != nil {
		return server, err
	}
	s := &DB{config: config}
	conn, err := s.connect(ctx)
	if err != nil {
		return server, err
	}
	defer func() { _ = conn.Close(ctx) }() // it changed nothing
	server = Server{Name: s.name, Pooled: s.pooled, Settings: map[string]string{}}
	var now time.Time
	var lag float64 // in seconds
	asked := time.Now()
	if err := conn.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return server, s.explain(err)
	}
	server.Answered = time.Since(asked)
	server.Ahead = now.Sub(asked.Add(server.Answered / 2))
	const query = `SELECT current_setting('server_version'), pg_is_in_recovery(), to_regclass('search_documents_text') IS NOT NULL, pg_database_size(current_database()),
		(SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL),
		current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
		(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1),
		(SELECT count(*) FROM pg_stat_replication), (SELECT count(state) FROM pg_stat_replication),
		(SELECT coalesce(max(extract(epoch FROM replay_lag)), 0)::float8 FROM pg_stat_replication)`
	err = conn.QueryRow(ctx, query, applicationName).Scan(&server.Version, &server.Standby, &server.SearchIndex, &server.Size,
		&server.Connections, &server.MaxConnections, &server.Own, &server.Standbys, &server.StandbysSeen, &lag)
	server.StandbyLag = time.Duration(lag * float64(time.Second))
	if err == nil {
		server.Replicas, err = replicasOf(ctx, conn)
	}
	for _, name := range settings {
		if err == nil {
			var value string
			err = conn.QueryRow(ctx, `SELECT current_setting($1)`, name).Scan(&value)
			server.Settings[name] = value
		}
	}
	return server, s.explain(err)
}

// replicasOf returns the versions of the programs with a lease, in order. A database without
// a schema, or with an earlier one, has none.
func replicasOf(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT to_regclass('replica_leases') IS NOT NULL`).Scan(&exists); err != nil || !exists {
		return nil, err
	}
	rows, err := conn.Query(ctx, `SELECT version FROM replica_leases WHERE version <> '' AND ends_at > clock_timestamp() ORDER BY version`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
