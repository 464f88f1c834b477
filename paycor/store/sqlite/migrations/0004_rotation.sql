-- The date to replace the secrets by ("2026-12-31", or '' for none) and the state of
-- a rotation. Previous and pending secrets are among the encrypted secrets, under
-- field names such as client_secret_previous and client_secret_pending.
ALTER TABLE credentials ADD COLUMN rotate_by TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN rotation TEXT; -- JSON
ALTER TABLE credentials ADD COLUMN rotation_ends_at TEXT NOT NULL DEFAULT ''; -- when the previous or pending secret is deleted

CREATE INDEX credentials_rotation_ends ON credentials (rotation_ends_at) WHERE rotation_ends_at <> '';

-- Every save searches for duplicates by these values and by name. Each index costs a
-- save one more page to write, but avoids reading the whole workspace.
CREATE INDEX credentials_values ON credentials (workspace, client_id, legal_entity_id, environment);
CREATE INDEX credentials_name ON credentials (workspace, name_key);

-- Scheduled verifications.
CREATE TABLE checkups (
  workspace  TEXT NOT NULL,
  credential TEXT NOT NULL,
  due_at     TEXT NOT NULL,
  PRIMARY KEY (workspace, credential),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX checkups_due ON checkups (due_at);
