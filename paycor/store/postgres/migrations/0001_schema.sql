-- The schema of a store, as SQLite has it in version 22 of its own.
--
-- Texts sort by their bytes, as in SQLite and in Go, whatever the collation of the database
-- is. Times are text, "2006-01-02T15:04:05.000000000Z" or '' for none: they have nanoseconds,
-- which timestamptz has not, sort by time, and are covered by the MACs of records in the
-- same form in both engines, so that rows can be copied from one to the other. JSON is text,
-- too, because a MAC covers its bytes.

-- The version of the schema: the number of the last file that was applied.
CREATE TABLE schema_version (
  id      smallint PRIMARY KEY CHECK (id = 1),
  version bigint NOT NULL
);

INSERT INTO schema_version (id, version) VALUES (1, 1);

-- One row, which every update changes first: this locks it, so that updates of all
-- processes run one after another, and the number tells what a process has read from.
CREATE TABLE store_state (
  id     smallint PRIMARY KEY CHECK (id = 1),
  change bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO store_state (id, change) VALUES (1, 1);

-- The last update of each process that is not known to have been rolled back. A process
-- whose connection breaks during a commit finds out here what became of it.
CREATE TABLE replicas (
  id          text COLLATE "C" PRIMARY KEY, -- random, of a running process
  last_commit bigint NOT NULL,              -- number of its transaction
  written_at  timestamptz NOT NULL          -- later than a week ago, or the row is deleted
) WITH (fillfactor = 50);

-- The keys that encrypt the secrets, wrapped under a key outside of the database.
CREATE TABLE keysets (
  id           smallint PRIMARY KEY CHECK (id = 1),
  sealing      bytea NOT NULL,
  fingerprints bytea NOT NULL,
  made_at      text COLLATE "C" NOT NULL
);

CREATE TABLE credentials (
  workspace         text COLLATE "C" NOT NULL,
  id                text COLLATE "C" NOT NULL,
  version           bigint NOT NULL,
  name              text COLLATE "C" NOT NULL,
  description       text COLLATE "C" NOT NULL,
  legal_entity_id   bigint NOT NULL,
  legal_entity_name text COLLATE "C" NOT NULL,
  created_at        text COLLATE "C" NOT NULL,
  updated_at        text COLLATE "C" NOT NULL,
  last_used_at      text COLLATE "C" NOT NULL,
  verdict           text COLLATE "C", -- JSON
  settled           text COLLATE "C", -- JSON
  owner             text COLLATE "C" NOT NULL DEFAULT '', -- who added it
  shared            text COLLATE "C", -- JSON list of who sees it; NULL means everyone
  verified_at       text COLLATE "C" NOT NULL,
  application       text COLLATE "C" NOT NULL,
  application_since text COLLATE "C" NOT NULL,
  tags              text COLLATE "C" NOT NULL,
  owner_name        text COLLATE "C" NOT NULL, -- whom to ask about it
  PRIMARY KEY (workspace, id)
);

CREATE INDEX credentials_of_application ON credentials (workspace, application, legal_entity_id);

CREATE TABLE applications (
  workspace        text COLLATE "C" NOT NULL,
  id               text COLLATE "C" NOT NULL,
  environment      text COLLATE "C" NOT NULL,
  grant_type       text COLLATE "C" NOT NULL,
  client_id        text COLLATE "C" NOT NULL,
  scope            text COLLATE "C" NOT NULL,
  rotate_by        text COLLATE "C" NOT NULL, -- date to replace the secrets by ("2026-12-31", or '' for none)
  activated_at     text COLLATE "C" NOT NULL,
  activated_by     text COLLATE "C" NOT NULL,
  rotation         text COLLATE "C", -- JSON
  rotation_ends_at text COLLATE "C" NOT NULL, -- when the previous or pending secret is deleted
  PRIMARY KEY (workspace, id)
);

CREATE INDEX applications_values ON applications (workspace, client_id, environment);
CREATE INDEX applications_rotation_ends ON applications (rotation_ends_at) WHERE rotation_ends_at <> '';
CREATE INDEX applications_rotate_by ON applications (rotate_by) WHERE rotate_by <> '';

-- An application that no credential uses any longer is deleted with its secrets.
CREATE FUNCTION end_application() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM applications WHERE workspace = old.workspace AND id = old.application
    AND NOT EXISTS (SELECT 1 FROM credentials WHERE workspace = old.workspace AND application = old.application);
  RETURN NULL;
END $$;

CREATE TRIGGER applications_end_with_credentials AFTER DELETE ON credentials
FOR EACH ROW EXECUTE FUNCTION end_application();

CREATE TRIGGER applications_end_when_left AFTER UPDATE OF application ON credentials
FOR EACH ROW WHEN (new.application <> old.application) EXECUTE FUNCTION end_application();

CREATE TABLE secrets (
  number      bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  workspace   text COLLATE "C" NOT NULL,
  application text COLLATE "C" NOT NULL,
  field       text COLLATE "C" NOT NULL,
  sealed      bytea NOT NULL,
  saved_at    text COLLATE "C" NOT NULL,
  PRIMARY KEY (workspace, application, field),
  FOREIGN KEY (workspace, application) REFERENCES applications (workspace, id) ON DELETE CASCADE
);

-- The token state of an application. The tokens themselves are among the encrypted
-- secrets, as fields access_token and refresh_token.
CREATE TABLE token_states (
  workspace           text COLLATE "C" NOT NULL,
  application         text COLLATE "C" NOT NULL,
  epoch               bigint NOT NULL, -- increases when the access token is discarded because the application changed
  expires_at          text COLLATE "C" NOT NULL, -- expiry of the access token
  renew_at            text COLLATE "C" NOT NULL,
  rejected_at         text COLLATE "C" NOT NULL, -- when the API last rejected an access token
  refresh_token_error text COLLATE "C" NOT NULL, -- code of why the refresh token is unusable
  lease_owner         text COLLATE "C" NOT NULL, -- process that may exchange tokens
  lease_ends_at       text COLLATE "C" NOT NULL,
  exchange_started_at text COLLATE "C" NOT NULL, -- start of an exchange with the refresh token whose result is unknown
  PRIMARY KEY (workspace, application),
  FOREIGN KEY (workspace, application) REFERENCES applications (workspace, id) ON DELETE CASCADE
);

-- Started activations: a browser went to Paycor and has not returned.
CREATE TABLE activations (
  hash         bytea PRIMARY KEY, -- of the state parameter
  workspace    text COLLATE "C" NOT NULL,
  credential   text COLLATE "C" NOT NULL,
  holder       text COLLATE "C" NOT NULL, -- caller and browser that started it
  verifier     bytea NOT NULL, -- encrypted
  redirect_uri text COLLATE "C" NOT NULL,
  link         bytea NOT NULL, -- hash of the link that it uses up; empty without one
  created_at   text COLLATE "C" NOT NULL,
  expires_at   text COLLATE "C" NOT NULL,
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
);

CREATE INDEX activations_of_credential ON activations (workspace, credential);

-- Links by which somebody activates an application.
CREATE TABLE activation_links (
  hash       bytea PRIMARY KEY, -- SHA-256 of the code
  id         text COLLATE "C" NOT NULL,
  workspace  text COLLATE "C" NOT NULL,
  credential text COLLATE "C" NOT NULL,
  sign_in    boolean NOT NULL, -- whether it takes an account here
  created_at text COLLATE "C" NOT NULL,
  created_by text COLLATE "C" NOT NULL,
  expires_at text COLLATE "C" NOT NULL,
  used_at    text COLLATE "C" NOT NULL,
  revoked_at text COLLATE "C" NOT NULL,
  revoked_by text COLLATE "C" NOT NULL,
  mac        bytea NOT NULL DEFAULT '',
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX activation_links_of_credential ON activation_links (workspace, credential, id);

CREATE TABLE idempotency (
  workspace  text COLLATE "C" NOT NULL,
  caller     text COLLATE "C" NOT NULL,
  key        text COLLATE "C" NOT NULL,
  request    bytea NOT NULL,
  credential text COLLATE "C" NOT NULL,
  expires_at text COLLATE "C" NOT NULL,
  PRIMARY KEY (workspace, caller, key)
);

-- Scheduled verifications.
CREATE TABLE checkups (
  workspace  text COLLATE "C" NOT NULL,
  credential text COLLATE "C" NOT NULL,
  due_at     text COLLATE "C" NOT NULL,
  PRIMARY KEY (workspace, credential),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
);

CREATE INDEX checkups_due ON checkups (due_at);

-- Calls through a credential by caller and hour.
CREATE TABLE use_hours (
  workspace    text COLLATE "C" NOT NULL,
  credential   text COLLATE "C" NOT NULL,
  hour         text COLLATE "C" NOT NULL, -- its start
  caller_kind  text COLLATE "C" NOT NULL,
  caller_id    text COLLATE "C" NOT NULL,
  caller_name  text COLLATE "C" NOT NULL,
  done         bigint NOT NULL,
  refused      bigint NOT NULL,
  throttled    bigint NOT NULL,
  failed       bigint NOT NULL,
  aborted      bigint NOT NULL,
  last_used_at text COLLATE "C" NOT NULL,
  PRIMARY KEY (workspace, credential, hour, caller_kind, caller_id),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
);

-- Counted calls that are not in the audit trail yet; each minute becomes an entry.
-- There is no foreign key, because calls of a deleted credential belong in the trail.
CREATE TABLE use_minutes (
  workspace   text COLLATE "C" NOT NULL,
  credential  text COLLATE "C" NOT NULL,
  minute      text COLLATE "C" NOT NULL, -- its start
  caller_kind text COLLATE "C" NOT NULL,
  caller_id   text COLLATE "C" NOT NULL,
  caller_name text COLLATE "C" NOT NULL,
  came_from   text COLLATE "C" NOT NULL, -- address of the last call
  done        bigint NOT NULL,
  refused     bigint NOT NULL,
  throttled   bigint NOT NULL,
  failed      bigint NOT NULL,
  aborted     bigint NOT NULL,
  PRIMARY KEY (workspace, credential, minute, caller_kind, caller_id)
);

-- The latest failed calls of each credential. Equal ones are one row.
CREATE TABLE use_failures (
  sequence       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace      text COLLATE "C" NOT NULL,
  credential     text COLLATE "C" NOT NULL,
  caller_kind    text COLLATE "C" NOT NULL,
  caller_id      text COLLATE "C" NOT NULL,
  caller_name    text COLLATE "C" NOT NULL,
  method         text COLLATE "C" NOT NULL,
  status         bigint NOT NULL,
  code           text COLLATE "C" NOT NULL,
  note           text COLLATE "C" NOT NULL,
  times          bigint NOT NULL,
  first_at       text COLLATE "C" NOT NULL,
  at             text COLLATE "C" NOT NULL,
  path           text COLLATE "C" NOT NULL,
  correlation_id text COLLATE "C" NOT NULL,
  request_id     text COLLATE "C" NOT NULL,
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX use_failures_alike ON use_failures (workspace, credential, caller_kind, caller_id, method, status, code, note);

CREATE TABLE audit (
  sequence    bigint PRIMARY KEY,
  at          text COLLATE "C" NOT NULL,
  workspace   text COLLATE "C" NOT NULL,
  caller_kind text COLLATE "C" NOT NULL,
  caller_id   text COLLATE "C" NOT NULL,
  caller_name text COLLATE "C" NOT NULL,
  came_from   text COLLATE "C" NOT NULL,
  request_id  text COLLATE "C" NOT NULL,
  action      text COLLATE "C" NOT NULL,
  credential  text COLLATE "C" NOT NULL,
  fields      text COLLATE "C", -- JSON
  outcome     text COLLATE "C" NOT NULL,
  detail      text COLLATE "C" NOT NULL,
  hash        text COLLATE "C" NOT NULL
);

CREATE INDEX audit_of_credential ON audit (workspace, credential, sequence) WHERE credential <> '';
CREATE INDEX audit_of_changes ON audit (workspace, credential, sequence) WHERE credential <> '' AND action <> 'credential.uses';
CREATE INDEX audit_of_applications ON audit (workspace, credential, sequence)
WHERE action IN ('credential.update', 'credential.rotate', 'credential.rotate.back', 'credential.rotate.end',
  'credential.activate', 'credential.token', 'credential.token.lost');

-- Where the audit trail begins once entries were archived: after the newest row. Only
-- entries up to there can be deleted.
CREATE TABLE audit_beginnings (
  sequence    bigint PRIMARY KEY, -- of the last archived entry
  hash        text COLLATE "C" NOT NULL, -- of that entry
  archived_at text COLLATE "C" NOT NULL,
  mac         bytea NOT NULL DEFAULT ''
);

CREATE FUNCTION keep_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION 'audit entries are never changed';
  ELSIF old.sequence > (SELECT coalesce(max(sequence), 0) FROM audit_beginnings) THEN
    RAISE EXCEPTION 'audit entries are never removed before they are archived';
  END IF;
  RETURN old;
END $$;

CREATE TRIGGER audit_keeps_entries BEFORE DELETE OR UPDATE ON audit
FOR EACH ROW EXECUTE FUNCTION keep_audit_entry();

CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit entries are never removed before they are archived';
END $$;

CREATE TRIGGER audit_keeps_all BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();

-- API tokens. Records that give authority are authenticated by a key outside of the
-- database: a row that was inserted or changed by hand is refused.
CREATE TABLE tokens (
  hash         bytea PRIMARY KEY,
  id           text COLLATE "C" NOT NULL UNIQUE,
  name         text COLLATE "C" NOT NULL,
  workspace    text COLLATE "C" NOT NULL,
  rights       text COLLATE "C", -- JSON
  credentials  text COLLATE "C", -- JSON
  created_at   text COLLATE "C" NOT NULL,
  created_by   text COLLATE "C" NOT NULL,
  expires_at   text COLLATE "C" NOT NULL,
  last_used_at text COLLATE "C" NOT NULL,
  revoked_at   text COLLATE "C" NOT NULL,
  revoked_by   text COLLATE "C" NOT NULL,
  mac          bytea NOT NULL DEFAULT ''
);

CREATE INDEX tokens_of_workspace ON tokens (workspace, created_at DESC, id);

CREATE TABLE sessions (
  hash             bytea PRIMARY KEY, -- of the handle
  id               text COLLATE "C" NOT NULL UNIQUE, -- not secret
  workspace        text COLLATE "C" NOT NULL,
  person           text COLLATE "C" NOT NULL,
  caller           text COLLATE "C" NOT NULL, -- JSON
  issuer           text COLLATE "C" NOT NULL, -- of the identity provider; empty after a one-time link
  provider_session text COLLATE "C" NOT NULL, -- the provider's session ID (sid)
  hint             bytea NOT NULL, -- encrypted: the provider's ID token, for signing out there
  came_from        text COLLATE "C" NOT NULL,
  browser          text COLLATE "C" NOT NULL,
  created_at       text COLLATE "C" NOT NULL,
  seen_at          text COLLATE "C" NOT NULL, -- updated from time to time, not with every request
  expires_at       text COLLATE "C" NOT NULL,
  mac              bytea NOT NULL DEFAULT ''
);

CREATE INDEX sessions_of_person ON sessions (workspace, person);

CREATE TABLE sign_in_links (
  hash       bytea PRIMARY KEY,
  created_at text COLLATE "C" NOT NULL,
  expires_at text COLLATE "C" NOT NULL,
  used_at    text COLLATE "C" NOT NULL,
  mac        bytea NOT NULL DEFAULT ''
);

-- Embedding sites. Their keys are public keys.
CREATE TABLE hosts (
  id         text COLLATE "C" PRIMARY KEY,
  workspace  text COLLATE "C" NOT NULL,
  name       text COLLATE "C" NOT NULL,
  origins    text COLLATE "C" NOT NULL, -- a list
  rights     text COLLATE "C" NOT NULL, -- a list
  keys       text COLLATE "C" NOT NULL, -- a JWKS, or ''
  keys_url   text COLLATE "C" NOT NULL, -- URL of a JWKS, or ''
  created_at text COLLATE "C" NOT NULL,
  created_by text COLLATE "C" NOT NULL,
  version    bigint NOT NULL, -- counts changes, to prevent lost updates
  mac        bytea NOT NULL DEFAULT ''
);

CREATE INDEX hosts_of_workspace ON hosts (workspace);

-- Used tokens of embedding sites. Each token can be used once.
CREATE TABLE used_embed_tokens (
  hash       bytea PRIMARY KEY, -- of host and jti
  expires_at text COLLATE "C" NOT NULL -- of the token; later it is rejected as expired
);

-- Sessions of embedded pages. They are deleted with their site.
CREATE TABLE embed_sessions (
  hash       bytea PRIMARY KEY, -- of the handle
  host       text COLLATE "C" NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
  origin     text COLLATE "C" NOT NULL, -- of the embedding page
  caller     text COLLATE "C" NOT NULL,
  created_at text COLLATE "C" NOT NULL,
  expires_at text COLLATE "C" NOT NULL,
  mac        bytea NOT NULL DEFAULT ''
);

CREATE INDEX embed_sessions_of_host ON embed_sessions (host);

-- The addresses that secrets of an environment were sent to. Another one has to be
-- confirmed before it gets them.
CREATE TABLE environment_addresses (
  name          text COLLATE "C" PRIMARY KEY,
  api_url       text COLLATE "C" NOT NULL,
  authorize_url text COLLATE "C" NOT NULL,
  confirmed_at  text COLLATE "C" NOT NULL
);

-- Lists and searches read these tables and not the wide rows of credentials.
CREATE TABLE search_documents (
  document     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace    text COLLATE "C" NOT NULL,
  credential   text COLLATE "C" NOT NULL,
  name_key     text COLLATE "C" NOT NULL, -- case-folded name; lists are sorted by it
  restricted   smallint NOT NULL, -- 1 if only those in credential_shares see the credential
  text         text COLLATE "C" NOT NULL, -- what a search matches, folded
  environment  text COLLATE "C" NOT NULL,
  state        text COLLATE "C" NOT NULL,
  state_rank   text COLLATE "C" NOT NULL, -- digit; the worst state first
  problem      smallint NOT NULL, -- 1 if it needs attention whatever the day is
  rotate_by    text COLLATE "C" NOT NULL, -- '~' for none, so that those are last
  last_used_at text COLLATE "C" NOT NULL,
  verified_at  text COLLATE "C" NOT NULL,
  UNIQUE (workspace, credential),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
);

CREATE INDEX search_documents_name         ON search_documents (workspace, restricted, name_key, credential);
CREATE INDEX search_documents_by_state     ON search_documents (workspace, restricted, state_rank, name_key, credential);
CREATE INDEX search_documents_by_last_used ON search_documents (workspace, restricted, last_used_at, name_key, credential);
CREATE INDEX search_documents_by_verified  ON search_documents (workspace, restricted, verified_at, name_key, credential);
CREATE INDEX search_documents_by_rotate_by ON search_documents (workspace, restricted, rotate_by, name_key, credential);
CREATE INDEX search_documents_environment  ON search_documents (workspace, environment, state_rank);
CREATE INDEX search_documents_problem      ON search_documents (workspace) WHERE problem = 1;

-- Without the extension, which the owner of a database may create, or may not where an
-- operator forbids it, a search reads the texts of a workspace.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX search_documents_text ON search_documents USING gin (text gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
  RAISE WARNING 'searches have no index, because there is no extension pg_trgm: %', SQLERRM;
END $$;

-- Which rules the texts follow. Opening the store renews the texts that follow older ones.
CREATE TABLE search_rules (
  id    smallint PRIMARY KEY CHECK (id = 1),
  rules bigint NOT NULL
);

-- Who sees a restricted credential: its owner as "owner:…", and "person:…" and "group:…".
CREATE TABLE credential_shares (
  workspace  text COLLATE "C" NOT NULL,
  viewer     text COLLATE "C" NOT NULL,
  credential text COLLATE "C" NOT NULL,
  PRIMARY KEY (workspace, viewer, credential),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
);

CREATE INDEX credential_shares_of_credential ON credential_shares (workspace, credential);

-- The tags and the owner of each credential, folded, by which lists are filtered.
CREATE TABLE search_labels (
  workspace  text COLLATE "C" NOT NULL,
  kind       text COLLATE "C" NOT NULL, -- 'tag' or 'owner'
  label      text COLLATE "C" NOT NULL,
  credential text COLLATE "C" NOT NULL,
  restricted smallint NOT NULL, -- as in the document
  name       text COLLATE "C" NOT NULL, -- the label as it is written
  PRIMARY KEY (workspace, kind, label, credential),
  FOREIGN KEY (workspace, credential) REFERENCES search_documents (workspace, credential) ON DELETE CASCADE
);

CREATE INDEX search_labels_of_credential ON search_labels (workspace, credential);

-- How many documents there are of each kind, and how many credentials have a label.
-- Triggers count, so that a page of a list reads a few rows however many are counted.
CREATE TABLE search_counts (
  workspace   text COLLATE "C" NOT NULL,
  restricted  smallint NOT NULL,
  environment text COLLATE "C" NOT NULL,
  state       text COLLATE "C" NOT NULL,
  problem     smallint NOT NULL,
  rotate_by   text COLLATE "C" NOT NULL,
  credentials bigint NOT NULL,
  PRIMARY KEY (workspace, restricted, environment, state, problem, rotate_by)
);

CREATE TABLE search_label_counts (
  workspace   text COLLATE "C" NOT NULL,
  kind        text COLLATE "C" NOT NULL,
  restricted  smallint NOT NULL,
  label       text COLLATE "C" NOT NULL,
  name        text COLLATE "C" NOT NULL, -- as it was written last
  credentials bigint NOT NULL,
  PRIMARY KEY (workspace, kind, restricted, label)
);

CREATE INDEX search_label_counts_frequent ON search_label_counts (workspace, kind, restricted, credentials DESC, label);

CREATE FUNCTION count_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE search_counts SET credentials = credentials - 1
      WHERE workspace = old.workspace AND restricted = old.restricted AND environment = old.environment
        AND state = old.state AND problem = old.problem AND rotate_by = old.rotate_by;
    DELETE FROM search_counts
      WHERE workspace = old.workspace AND restricted = old.restricted AND environment = old.environment
        AND state = old.state AND problem = old.problem AND rotate_by = old.rotate_by AND credentials = 0;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO search_counts AS c VALUES (new.workspace, new.restricted, new.environment, new.state, new.problem, new.rotate_by, 1)
      ON CONFLICT (workspace, restricted, environment, state, problem, rotate_by) DO UPDATE SET credentials = c.credentials + 1;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER search_counts_change AFTER INSERT OR DELETE ON search_documents
FOR EACH ROW EXECUTE FUNCTION count_documents();

CREATE TRIGGER search_counts_move AFTER UPDATE OF restricted, environment, state, problem, rotate_by ON search_documents
FOR EACH ROW WHEN ((old.restricted, old.environment, old.state, old.problem, old.rotate_by) <> (new.restricted, new.environment, new.state, new.problem, new.rotate_by))
EXECUTE FUNCTION count_documents();

CREATE FUNCTION restrict_labels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE search_labels SET restricted = new.restricted WHERE workspace = new.workspace AND credential = new.credential;
  RETURN NULL;
END $$;

CREATE TRIGGER search_labels_restrict AFTER UPDATE OF restricted ON search_documents
FOR EACH ROW WHEN (old.restricted <> new.restricted) EXECUTE FUNCTION restrict_labels();

CREATE FUNCTION count_labels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE search_label_counts SET credentials = credentials - 1
      WHERE workspace = old.workspace AND kind = old.kind AND restricted = old.restricted AND label = old.label;
    DELETE FROM search_label_counts
      WHERE workspace = old.workspace AND kind = old.kind AND restricted = old.restricted AND label = old.label AND credentials = 0;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO search_label_counts AS c VALUES (new.workspace, new.kind, new.restricted, new.label, new.name, 1)
      ON CONFLICT (workspace, kind, restricted, label) DO UPDATE SET credentials = c.credentials + 1, name = excluded.name;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER search_labels_change AFTER INSERT OR DELETE ON search_labels
FOR EACH ROW EXECUTE FUNCTION count_labels();

CREATE TRIGGER search_labels_move AFTER UPDATE OF restricted ON search_labels
FOR EACH ROW WHEN (old.restricted <> new.restricted) EXECUTE FUNCTION count_labels();

-- The elements of a JSON list, with their places from 0, as json_each of SQLite has them.
CREATE FUNCTION json_list(list text) RETURNS TABLE (key bigint, value text) LANGUAGE sql IMMUTABLE ROWS 20 AS $$
  SELECT place - 1, element FROM jsonb_array_elements_text(list::jsonb) WITH ORDINALITY AS listed (element, place)
$$;
