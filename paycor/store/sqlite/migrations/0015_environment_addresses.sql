-- The addresses that secrets of an environment were sent to. Another one has to be
-- confirmed before it gets them.
CREATE TABLE environment_addresses (
  name          TEXT PRIMARY KEY,
  api_url       TEXT NOT NULL,
  authorize_url TEXT NOT NULL,
  confirmed_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
