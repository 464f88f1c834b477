-- The number of the last update of a record that processes keep in memory.
ALTER TABLE store_state ADD COLUMN revision bigint NOT NULL DEFAULT 0;
UPDATE store_state SET revision = change;

-- The processes that serve from memory. Until ends_at, an update of such a record that is
-- not among those seen is not reported as done.
CREATE TABLE replica_leases (
  id         text COLLATE "C" PRIMARY KEY, -- random, of a running process
  version    text NOT NULL,                -- of its program
  started_at timestamptz NOT NULL,
  seen       bigint NOT NULL,              -- revision that it knows
  ends_at    timestamptz NOT NULL          -- later than an hour ago, or the row is deleted
) WITH (fillfactor = 50);
