-- Tenants of embedding sites: which workspace the people of each work in. Names that
-- differ in case only are one.
CREATE TABLE embed_tenants (
  id         text COLLATE "C" PRIMARY KEY, -- site, slash, tenant in lower case
  host       text COLLATE "C" NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
  tenant     text COLLATE "C" NOT NULL,
  workspace  text COLLATE "C" NOT NULL,
  rights     text COLLATE "C" NOT NULL, -- a list, the most that the site may grant there
  created_at text COLLATE "C" NOT NULL,
  mac        bytea NOT NULL DEFAULT ''
);

CREATE INDEX embed_tenants_of_host ON embed_tenants (host);

-- The tenant that a session or a one-time token is for; empty at a site without tenants.
ALTER TABLE embed_sessions ADD COLUMN tenant text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE embed_tokens   ADD COLUMN tenant text COLLATE "C" NOT NULL DEFAULT '';
