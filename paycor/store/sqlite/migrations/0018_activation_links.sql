-- Links by which somebody activates an application.
CREATE TABLE activation_links (
  hash       BLOB PRIMARY KEY, -- SHA-256 of the code
  id         TEXT NOT NULL,
  workspace  TEXT NOT NULL,
  credential TEXT NOT NULL,
  sign_in    INTEGER NOT NULL, -- whether it takes an account here
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at    TEXT NOT NULL,
  revoked_at TEXT NOT NULL,
  revoked_by TEXT NOT NULL,
  mac        BLOB NOT NULL DEFAULT x'',
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX activation_links_of_credential ON activation_links (workspace, credential, id);

-- The hash of the link that a started activation uses up; empty without one.
ALTER TABLE activations ADD COLUMN link BLOB NOT NULL DEFAULT x'';
