-- Times are text, "2006-01-02T15:04:05.000000000Z" or '' for none. They are exact
-- and readable, and sorting the text sorts by time.

-- The keys that encrypt the secrets, wrapped under a key outside of the database.
CREATE TABLE keysets (
  id           INTEGER PRIMARY KEY CHECK (id = 1),
  sealing      BLOB NOT NULL,
  fingerprints BLOB NOT NULL,
  made_at      TEXT NOT NULL
) STRICT;

CREATE TABLE credentials (
  workspace         TEXT NOT NULL,
  id                TEXT NOT NULL,
  version           INTEGER NOT NULL,
  name_key          TEXT NOT NULL, -- case-folded name; lists are sorted by it
  search            TEXT NOT NULL, -- case-folded text that a search matches
  name              TEXT NOT NULL,
  description       TEXT NOT NULL,
  environment       TEXT NOT NULL,
  grant_type        TEXT NOT NULL,
  client_id         TEXT NOT NULL,
  legal_entity_id   INTEGER NOT NULL,
  legal_entity_name TEXT NOT NULL,
  scope             TEXT NOT NULL,
  created_at        TEXT NOT NULL,
  updated_at        TEXT NOT NULL,
  last_used_at      TEXT NOT NULL,
  verdict           TEXT, -- JSON
  settled           TEXT, -- JSON
  PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

-- There is no index on the name. A list counts its matches and so reads the whole
-- workspace anyway. Sorting adds little, while an index would cost every save one
-- more page to write.

CREATE TABLE secrets (
  workspace  TEXT NOT NULL,
  credential TEXT NOT NULL,
  field      TEXT NOT NULL,
  sealed     BLOB NOT NULL,
  saved_at   TEXT NOT NULL,
  PRIMARY KEY (workspace, credential, field),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
  workspace  TEXT NOT NULL,
  caller     TEXT NOT NULL,
  key        TEXT NOT NULL,
  request    BLOB NOT NULL,
  credential TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  PRIMARY KEY (workspace, caller, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  sequence    INTEGER PRIMARY KEY,
  at          TEXT NOT NULL,
  workspace   TEXT NOT NULL,
  caller_kind TEXT NOT NULL,
  caller_id   TEXT NOT NULL,
  caller_name TEXT NOT NULL,
  came_from   TEXT NOT NULL,
  request_id  TEXT NOT NULL,
  action      TEXT NOT NULL,
  credential  TEXT NOT NULL,
  fields      TEXT, -- JSON
  outcome     TEXT NOT NULL,
  detail      TEXT NOT NULL,
  hash        TEXT NOT NULL
) STRICT;

-- A workspace's entries are read along the primary key. An index on the workspace
-- would cost every save one more page and would only make a rare list faster.
CREATE INDEX audit_of_credential ON audit (workspace, credential) WHERE credential <> '';

CREATE TRIGGER audit_keeps_entries BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'audit entries are never removed'); END;

CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'audit entries are never changed'); END;

CREATE TABLE tokens (
  hash        BLOB PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  workspace   TEXT NOT NULL,
  rights      TEXT, -- JSON
  credentials TEXT, -- JSON
  created_at  TEXT NOT NULL,
  expires_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  hash       BLOB PRIMARY KEY,
  caller     TEXT NOT NULL, -- JSON
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in_links (
  hash       BLOB PRIMARY KEY,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
