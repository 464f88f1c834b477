-- A token stays used when its site is deleted and registered again with the same key
-- before the token expires.
CREATE TABLE used_embed_tokens (
  hash       BLOB PRIMARY KEY, -- of host and jti
  expires_at TEXT NOT NULL     -- of the token; later it is rejected as expired
) STRICT, WITHOUT ROWID;

INSERT INTO used_embed_tokens (hash, expires_at) SELECT hash, expires_at FROM embed_tokens;

DROP TABLE embed_tokens;
