-- Embedding sites. Their keys are public keys.
CREATE TABLE hosts (
  id         TEXT PRIMARY KEY,
  workspace  TEXT NOT NULL,
  name       TEXT NOT NULL,
  origins    TEXT NOT NULL, -- a list
  rights     TEXT NOT NULL, -- a list
  keys       TEXT NOT NULL, -- a JWKS, or ''
  keys_url   TEXT NOT NULL, -- URL of a JWKS, or ''
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX hosts_of_workspace ON hosts (workspace);

-- Used tokens of embedding sites. Each token can be used once.
CREATE TABLE embed_tokens (
  hash       BLOB PRIMARY KEY, -- of host and jti
  host       TEXT NOT NULL,
  expires_at TEXT NOT NULL,    -- of the token; later it is rejected as expired
  FOREIGN KEY (host) REFERENCES hosts (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX embed_tokens_of_host ON embed_tokens (host);

-- Sessions of embedded pages. They are deleted with their site.
CREATE TABLE embed_sessions (
  hash       BLOB PRIMARY KEY, -- of the handle
  host       TEXT NOT NULL,
  origin     TEXT NOT NULL,    -- of the embedding page
  caller     TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  FOREIGN KEY (host) REFERENCES hosts (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX embed_sessions_of_host ON embed_sessions (host);
