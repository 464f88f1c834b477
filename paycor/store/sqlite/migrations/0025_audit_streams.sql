-- How far the audit trail was sent to each receiver. One process sends at a time.
CREATE TABLE audit_streams (
  receiver   TEXT PRIMARY KEY, -- its address, without what signs in there
  sequence   INTEGER NOT NULL, -- of the last entry that it took
  sent_at    TEXT NOT NULL,
  holder     TEXT NOT NULL,    -- random, of a running process
  held_until TEXT NOT NULL
) STRICT, WITHOUT ROWID;
