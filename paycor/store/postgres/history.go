package postgres

import "strconv"

// history is the number after which the updates of the present history of the database are
// numbered. A standby that is promoted begins another history, which may lack the latest
// updates of the previous one, with the next number of a timeline. So no two updates have the
// same number, and what a process keeps in memory of an update that is lost is outdated.
const history = `(('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint << 40)`

// beginHistory begins the numbers of the present history, unless they have begun.
const beginHistory = `UPDATE store_state SET change = ` + history + ` + 1, revision = ` + history + ` + 1 WHERE id = 1 AND change <= ` + history

// continueHistory begins the numbers of the present history with a lease of the replicas of
// the previous one: a replica may still trust a lease that is lost with the latest updates. So
// updates wait for it, like for a replica that is silent.
var continueHistory = `WITH begun AS (` + beginHistory + ` RETURNING change)
	INSERT INTO replica_leases (id, version, started_at, seen, ends_at)
	SELECT 'history ' || change, '', clock_timestamp(), 0, clock_timestamp() + ` + strconv.Itoa(int(lease.Microseconds())) + ` * interval '1 microsecond' FROM begun`
