-- Until when the secrets are to be replaced ("2026-12-31", '' where nobody set
-- a date), and what is kept of a rotation. The kept secrets themselves are
-- sealed with the others, each under a field name of its own:
-- client_secret_previous, client_secret_pending and so on.
ALTER TABLE credentials ADD COLUMN rotate_by TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN rotation TEXT; -- JSON
ALTER TABLE credentials ADD COLUMN rotation_ends_at TEXT NOT NULL DEFAULT ''; -- when the sweep destroys what is kept

CREATE INDEX credentials_rotation_ends ON credentials (rotation_ends_at) WHERE rotation_ends_at <> '';

-- What is saved twice is looked for at every save, by these values or by the
-- name. Each index costs a save a page more to write, and spares it reading
-- the whole workspace.
CREATE INDEX credentials_values ON credentials (workspace, client_id, legal_entity_id, environment);
CREATE INDEX credentials_name ON credentials (workspace, name_key);

-- When the server asks Paycor about a credential by itself.
CREATE TABLE checkups (
  workspace  TEXT NOT NULL,
  credential TEXT NOT NULL,
  due_at     TEXT NOT NULL,
  PRIMARY KEY (workspace, credential),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX checkups_due ON checkups (due_at);
