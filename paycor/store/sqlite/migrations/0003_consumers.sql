-- Consumers: what an API token may, and what became of it.
ALTER TABLE tokens ADD COLUMN created_by   TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN last_used_at TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN revoked_at   TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN revoked_by   TEXT NOT NULL DEFAULT '';

-- How often a credential was used, by whom, in which hour.
CREATE TABLE use_hours (
  workspace    TEXT NOT NULL,
  credential   TEXT NOT NULL,
  hour         TEXT NOT NULL, -- when it begins
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

-- Uses that are counted and not in the audit trail yet: they get there minute
-- by minute. There is no foreign key: what a deleted credential was used for
-- still belongs into the trail.
CREATE TABLE use_minutes (
  workspace   TEXT NOT NULL,
  credential  TEXT NOT NULL,
  minute      TEXT NOT NULL, -- when it begins
  caller_kind TEXT NOT NULL,
  caller_id   TEXT NOT NULL,
  caller_name TEXT NOT NULL,
  came_from   TEXT NOT NULL, -- the address of the last of them
  done        INTEGER NOT NULL,
  refused     INTEGER NOT NULL,
  throttled   INTEGER NOT NULL,
  failed      INTEGER NOT NULL,
  aborted     INTEGER NOT NULL,
  PRIMARY KEY (workspace, credential, minute, caller_kind, caller_id)
) STRICT, WITHOUT ROWID;

-- The last uses of each credential that went wrong.
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

-- A credential that is used day and night has an entry for every minute of
-- it. Its history looks for the few others.
CREATE INDEX audit_of_changes ON audit (workspace, credential) WHERE credential <> '' AND action <> 'credential.uses';
