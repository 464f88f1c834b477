-- What Paycor issues belongs to an application, which several credentials use, one for
-- each legal entity: Client ID, secrets, activation, tokens and rotation. Every
-- credential gets an application of its own here; mergeApplications then makes one of
-- those whose stored secrets are equal.
-- The table is built again, because SQLite would rewrite it for every dropped column. The
-- IDs are random, because one that follows from that of a credential would reveal it.
CREATE TABLE credentials_with_application (
  workspace         TEXT NOT NULL,
  id                TEXT NOT NULL,
  version           INTEGER NOT NULL,
  name              TEXT NOT NULL,
  description       TEXT NOT NULL,
  legal_entity_id   INTEGER NOT NULL,
  legal_entity_name TEXT NOT NULL,
  created_at        TEXT NOT NULL,
  updated_at        TEXT NOT NULL,
  last_used_at      TEXT NOT NULL,
  verdict           TEXT, -- JSON
  settled           TEXT, -- JSON
  owner             TEXT NOT NULL DEFAULT '',
  shared            TEXT,
  verified_at       TEXT NOT NULL DEFAULT '',
  application       TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

INSERT INTO credentials_with_application (workspace, id, version, name, description, legal_entity_id, legal_entity_name,
    created_at, updated_at, last_used_at, verdict, settled, owner, shared, verified_at, application)
  SELECT workspace, id, version, name, description, legal_entity_id, legal_entity_name,
    created_at, updated_at, last_used_at, verdict, settled, owner, shared, verified_at, 'app_' || lower(hex(randomblob(13)))
  FROM credentials;

CREATE TABLE applications (
  workspace        TEXT NOT NULL,
  id               TEXT NOT NULL,
  environment      TEXT NOT NULL,
  grant_type       TEXT NOT NULL,
  client_id        TEXT NOT NULL,
  scope            TEXT NOT NULL,
  rotate_by        TEXT NOT NULL, -- date to replace the secrets by ("2026-12-31", or '' for none)
  activated_at     TEXT NOT NULL,
  activated_by     TEXT NOT NULL,
  rotation         TEXT,          -- JSON
  rotation_ends_at TEXT NOT NULL, -- when the previous or pending secret is deleted
  PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

INSERT INTO applications (workspace, id, environment, grant_type, client_id, scope, rotate_by, activated_at, activated_by, rotation, rotation_ends_at)
  SELECT workspace, n.application, environment, grant_type, client_id, scope, rotate_by, activated_at, activated_by, rotation, rotation_ends_at
  FROM credentials JOIN credentials_with_application n USING (workspace, id) ORDER BY workspace, n.application;

-- With a rowid: a token has a kilobyte, and in the tree of a table without rowid four of
-- them would fill a page, so that each secret of 100,000 credentials is nine pages deep.
CREATE TABLE application_secrets (
  workspace   TEXT NOT NULL,
  application TEXT NOT NULL,
  field       TEXT NOT NULL,
  sealed      BLOB NOT NULL,
  saved_at    TEXT NOT NULL,
  PRIMARY KEY (workspace, application, field),
  FOREIGN KEY (workspace, application) REFERENCES applications (workspace, id) ON DELETE CASCADE
) STRICT;

INSERT INTO application_secrets (workspace, application, field, sealed, saved_at)
  SELECT s.workspace, c.application, s.field, s.sealed, s.saved_at
  FROM secrets s JOIN credentials_with_application c ON c.workspace = s.workspace AND c.id = s.credential
  ORDER BY s.workspace, c.application, s.field;

DROP TABLE secrets;
ALTER TABLE application_secrets RENAME TO secrets;

-- The token state of an application. The tokens themselves are among the encrypted
-- secrets, as fields access_token and refresh_token.
CREATE TABLE token_states (
  workspace           TEXT NOT NULL,
  application         TEXT NOT NULL,
  epoch               INTEGER NOT NULL, -- increases when the access token is discarded because the application changed
  expires_at          TEXT NOT NULL,    -- expiry of the access token
  renew_at            TEXT NOT NULL,
  rejected_at         TEXT NOT NULL,    -- when the API last rejected an access token
  refresh_token_error TEXT NOT NULL,    -- code of why the refresh token is unusable
  lease_owner         TEXT NOT NULL,    -- process that may exchange tokens
  lease_ends_at       TEXT NOT NULL,
  exchange_started_at TEXT NOT NULL,    -- start of an exchange with the refresh token whose result is unknown
  PRIMARY KEY (workspace, application),
  FOREIGN KEY (workspace, application) REFERENCES applications (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

INSERT INTO token_states (workspace, application, epoch, expires_at, renew_at, rejected_at, refresh_token_error, lease_owner, lease_ends_at, exchange_started_at)
  SELECT h.workspace, c.application, h.epoch, h.expires_at, h.renew_at, h.refused_at, h.ended, h.lease_owner, h.lease_ends_at, h.began_at
  FROM holdings h JOIN credentials_with_application c ON c.workspace = h.workspace AND c.id = h.credential
  ORDER BY h.workspace, c.application;

DROP TABLE holdings;

DROP TABLE credentials;
ALTER TABLE credentials_with_application RENAME TO credentials;

-- Every save searches for duplicates and for an application by these values.
CREATE INDEX applications_values ON applications (workspace, client_id, environment);
CREATE INDEX applications_rotation_ends ON applications (rotation_ends_at) WHERE rotation_ends_at <> '';
CREATE INDEX credentials_of_application ON credentials (workspace, application, legal_entity_id);

-- An application that no credential uses any longer is deleted with its secrets.
CREATE TRIGGER applications_end_with_credentials AFTER DELETE ON credentials
WHEN NOT EXISTS (SELECT 1 FROM credentials WHERE workspace = old.workspace AND application = old.application)
BEGIN DELETE FROM applications WHERE workspace = old.workspace AND id = old.application; END;

CREATE TRIGGER applications_end_when_left AFTER UPDATE OF application ON credentials
WHEN new.application <> old.application AND NOT EXISTS (SELECT 1 FROM credentials WHERE workspace = old.workspace AND application = old.application)
BEGIN DELETE FROM applications WHERE workspace = old.workspace AND id = old.application; END;
