-- Where a workspace is told what happens.
CREATE TABLE notification_channels (
  number        INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE,
  workspace     TEXT NOT NULL,
  type          TEXT NOT NULL,
  name          TEXT NOT NULL,
  host          TEXT NOT NULL,    -- of the address, which itself is encrypted
  language      TEXT NOT NULL,
  filter        TEXT,             -- JSON
  created_at    TEXT NOT NULL,
  created_by    TEXT NOT NULL,
  version       INTEGER NOT NULL,
  failing_since TEXT NOT NULL,
  disabled_at   TEXT NOT NULL,
  disabled_for  TEXT NOT NULL,
  sealed        BLOB NOT NULL     -- address and signing secret, encrypted
) STRICT;

CREATE INDEX notification_channels_of_workspace ON notification_channels (workspace);

-- What happened, written in the transaction in which it happened. An event waits until
-- due_at; afterwards due_at is empty.
CREATE TABLE notification_events (
  id         TEXT PRIMARY KEY,
  workspace  TEXT NOT NULL,
  kind       TEXT NOT NULL,
  subject    TEXT NOT NULL,       -- ID of a credential, an API token or an embedding site, or ''
  name       TEXT NOT NULL,
  tags       TEXT,                -- JSON list
  days       INTEGER NOT NULL,
  event_key  TEXT NOT NULL,       -- what is told once; or ''
  told_state TEXT NOT NULL,       -- state of the credential that was told before; or ''
  at         TEXT NOT NULL,
  due_at     TEXT NOT NULL,
  told_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX notification_events_key ON notification_events (workspace, event_key) WHERE event_key <> '';
CREATE INDEX notification_events_due ON notification_events (due_at) WHERE due_at <> '';
CREATE INDEX notification_events_of_subject ON notification_events (workspace, subject, at);

-- Messages to channels: those that wait, and a log of the last ones.
CREATE TABLE notification_deliveries (
  id         TEXT PRIMARY KEY,
  workspace  TEXT NOT NULL,
  channel    TEXT NOT NULL REFERENCES notification_channels (id) ON DELETE CASCADE,
  message    TEXT,                -- JSON
  state      TEXT NOT NULL,
  created_at TEXT NOT NULL,
  began_at   TEXT NOT NULL,
  next_at    TEXT NOT NULL,       -- of the next try, or ''
  attempts   INTEGER NOT NULL,
  result     TEXT                 -- JSON, of the last try
) STRICT, WITHOUT ROWID;

CREATE INDEX notification_deliveries_next ON notification_deliveries (next_at) WHERE next_at <> '';
CREATE INDEX notification_deliveries_waiting ON notification_deliveries (channel, next_at, id) WHERE next_at <> '';
CREATE INDEX notification_deliveries_of_channel ON notification_deliveries (channel, created_at DESC, id);
