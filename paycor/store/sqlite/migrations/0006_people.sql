-- Sessions that can be listed and ended, also by the identity provider. Earlier
-- sessions lack the data for that, so they are dropped and people sign in again.
DROP TABLE sessions;

CREATE TABLE sessions (
  hash             BLOB PRIMARY KEY,     -- of the handle
  id               TEXT NOT NULL UNIQUE, -- not secret
  workspace        TEXT NOT NULL,
  person           TEXT NOT NULL,
  caller           TEXT NOT NULL,        -- JSON
  issuer           TEXT NOT NULL,        -- of the identity provider; empty after a one-time link
  provider_session TEXT NOT NULL,        -- the provider's session ID (sid)
  hint             BLOB NOT NULL,        -- encrypted: the provider's ID token, for signing out there
  came_from        TEXT NOT NULL,
  browser          TEXT NOT NULL,
  created_at       TEXT NOT NULL,
  seen_at          TEXT NOT NULL,        -- updated from time to time, not with every request
  expires_at       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_of_person ON sessions (workspace, person);

-- Who can see and use a credential: NULL means everyone in the workspace, otherwise a
-- JSON list of "person:…" and "group:…". The owner is its creator.
ALTER TABLE credentials ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN shared TEXT;
