-- One-time tokens of embedding sites: each opens one session, and stays until that ends,
-- so that the session ends with the API token.
CREATE TABLE embed_tokens (
  hash         bytea PRIMARY KEY, -- SHA-256 of the token
  host         text COLLATE "C" NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
  origin       text COLLATE "C" NOT NULL, -- of the page around the frame
  api_token    text COLLATE "C" NOT NULL, -- ID of the one that it was created with
  caller       text COLLATE "C" NOT NULL, -- JSON, whom the session belongs to
  session_hash bytea NOT NULL, -- of the session that it opened; empty until then
  created_at   text COLLATE "C" NOT NULL,
  expires_at   text COLLATE "C" NOT NULL,
  mac          bytea NOT NULL DEFAULT ''
);

CREATE INDEX embed_tokens_of_host ON embed_tokens (host);
CREATE INDEX embed_tokens_of_api_token ON embed_tokens (api_token);
