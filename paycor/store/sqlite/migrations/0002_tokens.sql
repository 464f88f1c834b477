-- The token state of a credential. The tokens themselves are among the encrypted
-- secrets, as fields access_token and refresh_token.
CREATE TABLE holdings (
  workspace     TEXT NOT NULL,
  credential    TEXT NOT NULL,
  epoch         INTEGER NOT NULL, -- increases when the access token is discarded because the credential changed
  expires_at    TEXT NOT NULL,    -- expiry of the access token
  renew_at      TEXT NOT NULL,
  refused_at    TEXT NOT NULL,    -- when the API last rejected an access token
  ended         TEXT NOT NULL,    -- code of why the refresh token is unusable
  lease_owner   TEXT NOT NULL,    -- process that may exchange tokens
  lease_ends_at TEXT NOT NULL,
  began_at      TEXT NOT NULL,    -- start of an exchange with the refresh token whose result is unknown
  PRIMARY KEY (workspace, credential),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Started activations: a browser went to Paycor and has not returned.
CREATE TABLE activations (
  hash         BLOB PRIMARY KEY, -- of the state parameter
  workspace    TEXT NOT NULL,
  credential   TEXT NOT NULL,
  holder       TEXT NOT NULL,    -- caller and browser that started it
  verifier     BLOB NOT NULL,    -- encrypted
  redirect_uri TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  expires_at   TEXT NOT NULL,
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- For the foreign key: finds the activations of a deleted credential.
CREATE INDEX activations_of_credential ON activations (workspace, credential);

ALTER TABLE credentials ADD COLUMN activated_at TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN activated_by TEXT NOT NULL DEFAULT '';
