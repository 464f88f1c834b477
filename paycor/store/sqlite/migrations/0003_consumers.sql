-- More about API tokens: creator, last use and revocation.
ALTER TABLE tokens ADD COLUMN created_by   TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN last_used_at TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN revoked_at   TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN revoked_by   TEXT NOT NULL DEFAULT '';

-- Calls through a credential by caller and hour.
CREATE TABLE use_hours (
  workspace    TEXT NOT NULL,
  credential   TEXT NOT NULL,
  hour         TEXT NOT NULL, -- its start
  caller_kind  TEXT NOT NULL,
  caller_id    TEXT NOT NULL,
  caller_name  TEXT NOT NULL,
  done         INTEGER NOT NULL,
  refused      INTEGER NOT NULL,
  throttled    INTEGER NOT NULL,
  failed       INTEGER NOT NULL,
  aborted      INTEGER NOT NULL,
  last_used_at TEXT NOT NULL,
  PRIMARY KEY (workspace, credential, hour, caller_kind, caller_id),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Counted calls that are not in the audit trail yet; each minute becomes an entry.
-- There is no foreign key, because calls of a deleted credential belong in the trail.
CREATE TABLE use_minutes (
  workspace   TEXT NOT NULL,
  credential  TEXT NOT NULL,
  minute      TEXT NOT NULL, -- its start
  caller_kind TEXT NOT NULL,
  caller_id   TEXT NOT NULL,
  caller_name TEXT NOT NULL,
  came_from   TEXT NOT NULL, -- address of the last call
  done        INTEGER NOT NULL,
  refused     INTEGER NOT NULL,
  throttled   INTEGER NOT NULL,
  failed      INTEGER NOT NULL,
  aborted     INTEGER NOT NULL,
  PRIMARY KEY (workspace, credential, minute, caller_kind, caller_id)
) STRICT, WITHOUT ROWID;

-- The latest failed calls of each credential.
CREATE TABLE use_failures (
  sequence       INTEGER PRIMARY KEY,
  workspace      TEXT NOT NULL,
  credential     TEXT NOT NULL,
  at             TEXT NOT NULL,
  caller_name    TEXT NOT NULL,
  method         TEXT NOT NULL,
  status         INTEGER NOT NULL,
  code           TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  request_id     TEXT NOT NULL,
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX use_failures_of_credential ON use_failures (workspace, credential);

-- A busy credential has an entry for every minute. Its history needs only the few
-- other entries.
CREATE INDEX audit_of_changes ON audit (workspace, credential) WHERE credential <> '' AND action <> 'credential.uses';
