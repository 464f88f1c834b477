-- What a credential holds from Paycor. The tokens themselves are sealed, with
-- the other secrets: fields access_token and refresh_token.
CREATE TABLE holdings (
  workspace     TEXT NOT NULL,
  credential    TEXT NOT NULL,
  epoch         INTEGER NOT NULL, -- grows when the stored access token is dropped for a change of values
  expires_at    TEXT NOT NULL,    -- of the access token
  renew_at      TEXT NOT NULL,
  refused_at    TEXT NOT NULL,    -- when the API last refused an access token
  ended         TEXT NOT NULL,    -- why the refresh token is of no more use, a code
  lease_owner   TEXT NOT NULL,    -- who may exchange now
  lease_ends_at TEXT NOT NULL,
  began_at      TEXT NOT NULL,    -- an exchange with the refresh token began then, and no answer is known
  PRIMARY KEY (workspace, credential),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Activations under way: a browser was sent to Paycor and has not come back.
CREATE TABLE activations (
  hash         BLOB PRIMARY KEY, -- of the state
  workspace    TEXT NOT NULL,
  credential   TEXT NOT NULL,
  holder       TEXT NOT NULL,    -- who began it, in which browser
  verifier     BLOB NOT NULL,    -- sealed
  redirect_uri TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  expires_at   TEXT NOT NULL,
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The foreign key looks for a deleted credential's activations.
CREATE INDEX activations_of_credential ON activations (workspace, credential);

ALTER TABLE credentials ADD COLUMN activated_at TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN activated_by TEXT NOT NULL DEFAULT '';
