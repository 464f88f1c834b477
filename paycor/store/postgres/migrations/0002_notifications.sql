-- Where a workspace is told what happens.
CREATE TABLE notification_channels (
  number        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id            text COLLATE "C" NOT NULL UNIQUE,
  workspace     text COLLATE "C" NOT NULL,
  type          text COLLATE "C" NOT NULL,
  name          text COLLATE "C" NOT NULL,
  host          text COLLATE "C" NOT NULL, -- of the address, which itself is encrypted
  language      text COLLATE "C" NOT NULL,
  filter        text COLLATE "C", -- JSON
  created_at    text COLLATE "C" NOT NULL,
  created_by    text COLLATE "C" NOT NULL,
  version       bigint NOT NULL,
  failing_since text COLLATE "C" NOT NULL,
  disabled_at   text COLLATE "C" NOT NULL,
  disabled_for  text COLLATE "C" NOT NULL,
  sealed        bytea NOT NULL -- address and signing secret, encrypted
);

CREATE INDEX notification_channels_of_workspace ON notification_channels (workspace);

-- What happened, written in the transaction in which it happened. An event waits until
-- due_at; afterwards due_at is empty.
CREATE TABLE notification_events (
  id         text COLLATE "C" PRIMARY KEY,
  workspace  text COLLATE "C" NOT NULL,
  kind       text COLLATE "C" NOT NULL,
  subject    text COLLATE "C" NOT NULL, -- ID of a credential, an API token or an embedding site, or ''
  name       text COLLATE "C" NOT NULL,
  tags       text COLLATE "C", -- JSON list
  days       bigint NOT NULL,
  event_key  text COLLATE "C" NOT NULL, -- what is told once; or ''
  told_state text COLLATE "C" NOT NULL, -- state of the credential that was told before; or ''
  at         text COLLATE "C" NOT NULL,
  due_at     text COLLATE "C" NOT NULL,
  told_at    text COLLATE "C" NOT NULL
);

CREATE UNIQUE INDEX notification_events_key ON notification_events (workspace, event_key) WHERE event_key <> '';
CREATE INDEX notification_events_due ON notification_events (due_at) WHERE due_at <> '';
CREATE INDEX notification_events_of_subject ON notification_events (workspace, subject, at);

-- Messages to channels: those that wait, and a log of the last ones.
CREATE TABLE notification_deliveries (
  id         text COLLATE "C" PRIMARY KEY,
  workspace  text COLLATE "C" NOT NULL,
  channel    text COLLATE "C" NOT NULL REFERENCES notification_channels (id) ON DELETE CASCADE,
  message    text COLLATE "C", -- JSON
  state      text COLLATE "C" NOT NULL,
  created_at text COLLATE "C" NOT NULL,
  began_at   text COLLATE "C" NOT NULL,
  next_at    text COLLATE "C" NOT NULL, -- of the next try, or ''
  attempts   bigint NOT NULL,
  result     text COLLATE "C" -- JSON, of the last try
);

CREATE INDEX notification_deliveries_next ON notification_deliveries (next_at) WHERE next_at <> '';
CREATE INDEX notification_deliveries_waiting ON notification_deliveries (channel, next_at, id) WHERE next_at <> '';
CREATE INDEX notification_deliveries_of_channel ON notification_deliveries (channel, created_at DESC, id);
