-- A token stays used when its host is removed, and is registered again with the
-- same key before the token's end.
CREATE TABLE used_embed_tokens (
  hash       BLOB PRIMARY KEY, -- of host and jti
  expires_at TEXT NOT NULL     -- of the token: afterwards it is refused for its age
) STRICT, WITHOUT ROWID;

INSERT INTO used_embed_tokens (hash, expires_at) SELECT hash, expires_at FROM embed_tokens;

DROP TABLE embed_tokens;
