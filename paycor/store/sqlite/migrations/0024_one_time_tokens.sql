-- One-time tokens of embedding sites: each opens one session, and stays until that ends,
-- so that the session ends with the API token.
CREATE TABLE embed_tokens (
  hash         BLOB PRIMARY KEY, -- SHA-256 of the token
  host         TEXT NOT NULL,
  origin       TEXT NOT NULL,    -- of the page around the frame
  api_token    TEXT NOT NULL,    -- ID of the one that it was created with
  caller       TEXT NOT NULL,    -- JSON, whom the session belongs to
  session_hash BLOB NOT NULL,    -- of the session that it opened; empty until then
  created_at   TEXT NOT NULL,
  expires_at   TEXT NOT NULL,
  mac          BLOB NOT NULL DEFAULT x'',
  FOREIGN KEY (host) REFERENCES hosts (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX embed_tokens_of_host ON embed_tokens (host);
CREATE INDEX embed_tokens_of_api_token ON embed_tokens (api_token);
