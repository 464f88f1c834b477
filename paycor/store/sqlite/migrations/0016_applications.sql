-- What Paycor issues belongs to an application, which several credentials use, one for
-- each legal entity: Client ID, secrets, activation, tokens and rotation. Every
-- credential gets an application of its own here; mergeApplications then makes one of
-- those whose stored secrets are equal.
ALTER TABLE credentials ADD COLUMN application TEXT NOT NULL DEFAULT '';

-- Random, because an ID that follows from that of a credential would reveal it.
UPDATE credentials SET application = 'app_' || lower(hex(randomblob(13)));

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
  SELECT workspace, application, environment, grant_type, client_id, scope, rotate_by, activated_at, activated_by, rotation, rotation_ends_at FROM credentials;

CREATE TABLE application_secrets (
  workspace   TEXT NOT NULL,
  application TEXT NOT NULL,
  field       TEXT NOT NULL,
  sealed      BLOB NOT NULL,
  saved_at    TEXT NOT NULL,
  PRIMARY KEY (workspace, application, field),
  FOREIGN KEY (workspace, application) REFERENCES applications (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

INSERT INTO application_secrets (workspace, application, field, sealed, saved_at)
  SELECT s.workspace, c.application, s.field, s.sealed, s.saved_at
  FROM secrets s JOIN credentials c ON c.workspace = s.workspace AND c.id = s.credential;

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
  FROM holdings h JOIN credentials c ON c.workspace = h.workspace AND c.id = h.credential;

DROP TABLE holdings;

DROP INDEX credentials_values;
DROP INDEX credentials_rotation_ends;
ALTER TABLE credentials DROP COLUMN environment;
ALTER TABLE credentials DROP COLUMN grant_type;
ALTER TABLE credentials DROP COLUMN client_id;
ALTER TABLE credentials DROP COLUMN scope;
ALTER TABLE credentials DROP COLUMN rotate_by;
ALTER TABLE credentials DROP COLUMN activated_at;
ALTER TABLE credentials DROP COLUMN activated_by;
ALTER TABLE credentials DROP COLUMN rotation;
ALTER TABLE credentials DROP COLUMN rotation_ends_at;

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
