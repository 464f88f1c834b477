-- Tenants of embedding sites: which workspace the people of each work in. Names that
-- differ in case only are one.
CREATE TABLE embed_tenants (
  id         TEXT PRIMARY KEY, -- site, slash, tenant in lower case
  host       TEXT NOT NULL,
  tenant     TEXT NOT NULL,
  workspace  TEXT NOT NULL,
  rights     TEXT NOT NULL,    -- a list, the most that the site may grant there
  created_at TEXT NOT NULL,
  mac        BLOB NOT NULL DEFAULT x'',
  FOREIGN KEY (host) REFERENCES hosts (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX embed_tenants_of_host ON embed_tenants (host);

-- The tenant that a session or a one-time token is for; empty at a site without tenants.
ALTER TABLE embed_sessions ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE embed_tokens   ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
