-- Sessions that can be listed, ended one by one, and ended by the provider that
-- somebody signed in with. Those from before lack all that: their people sign
-- in again.
DROP TABLE sessions;

CREATE TABLE sessions (
  hash             BLOB PRIMARY KEY,     -- of the handle
  id               TEXT NOT NULL UNIQUE, -- may be shown; opens nothing
  workspace        TEXT NOT NULL,
  person           TEXT NOT NULL,
  caller           TEXT NOT NULL,        -- JSON
  issuer           TEXT NOT NULL,        -- of the provider; empty for a one-time link
  provider_session TEXT NOT NULL,        -- the provider's own name for its session
  hint             BLOB NOT NULL,        -- sealed: the provider's ID token, which it wants back at the sign-out
  came_from        TEXT NOT NULL,
  browser          TEXT NOT NULL,
  created_at       TEXT NOT NULL,
  seen_at          TEXT NOT NULL,        -- noted now and then, not with every request
  expires_at       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_of_person ON sessions (workspace, person);

-- Who may see and use a credential: NULL is everybody in the workspace, else a
-- JSON list of "person:…" and "group:…". The owner is whoever added it.
ALTER TABLE credentials ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN shared TEXT;
