-- Processes of two versions serve side by side while servers are replaced.

-- The schema of the earliest version of the program that works with this one.
ALTER TABLE schema_version ADD COLUMN oldest bigint NOT NULL DEFAULT 0;

-- The files of the page, as the versions that serve have them: a page of one version gets its
-- files from a server of the other one, too.
CREATE TABLE page_files (
  build        text COLLATE "C" NOT NULL, -- hash of all files of the build
  name         text COLLATE "C" NOT NULL,
  content      bytea NOT NULL,            -- in gzip
  mac          bytea NOT NULL,
  published_at timestamptz NOT NULL,
  PRIMARY KEY (build, name)
);

ALTER TABLE page_files ALTER COLUMN content SET STORAGE EXTERNAL; -- it is compressed
