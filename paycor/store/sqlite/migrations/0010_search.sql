-- Lists and searches read these tables and not the wide rows of credentials. Open
-- fills them for the credentials that exist.

CREATE TABLE search_workspaces (
  number        INTEGER PRIMARY KEY,
  workspace     TEXT NOT NULL UNIQUE,
  last_document INTEGER NOT NULL DEFAULT 0,
  credentials   INTEGER NOT NULL DEFAULT 0 -- their count
) STRICT;

-- The number of a document has the number of its workspace in front (<< 32), so that
-- a search reads only the index entries of its own workspace.
CREATE TABLE search_documents (
  document   INTEGER PRIMARY KEY,
  workspace  TEXT NOT NULL,
  credential TEXT NOT NULL,
  name_key   TEXT NOT NULL,    -- case-folded name; lists are sorted by it
  restricted INTEGER NOT NULL, -- 1 if only those in credential_shares see the credential
  text       TEXT NOT NULL,    -- what a search matches, folded
  UNIQUE (workspace, credential),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX search_documents_name ON search_documents (workspace, restricted, name_key, credential);

CREATE VIRTUAL TABLE search_trigrams USING fts5(
  text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1');

CREATE TRIGGER search_adds AFTER INSERT ON search_documents BEGIN
  UPDATE search_workspaces SET last_document = last_document + 1, credentials = credentials + 1 WHERE workspace = new.workspace;
  INSERT INTO search_trigrams (rowid, text) VALUES (new.document, new.text);
END;

CREATE TRIGGER search_changes AFTER UPDATE OF text ON search_documents WHEN old.text <> new.text BEGIN
  DELETE FROM search_trigrams WHERE rowid = old.document;
  INSERT INTO search_trigrams (rowid, text) VALUES (new.document, new.text);
END;

CREATE TRIGGER search_removes AFTER DELETE ON search_documents BEGIN
  UPDATE search_workspaces SET credentials = credentials - 1 WHERE workspace = old.workspace;
  DELETE FROM search_trigrams WHERE rowid = old.document;
END;

-- Which rules the texts follow. Open renews the texts that follow older ones.
CREATE TABLE search_rules (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  rules INTEGER NOT NULL
) STRICT;

-- Who sees a restricted credential: its owner as "owner:…", and "person:…" and "group:…".
CREATE TABLE credential_shares (
  workspace  TEXT NOT NULL,
  viewer     TEXT NOT NULL,
  credential TEXT NOT NULL,
  PRIMARY KEY (workspace, viewer, credential),
  FOREIGN KEY (workspace, credential) REFERENCES credentials (workspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX credential_shares_of_credential ON credential_shares (workspace, credential);

INSERT INTO credential_shares (workspace, viewer, credential)
  SELECT c.workspace, named.value, c.id FROM credentials c JOIN json_each(c.shared) named WHERE true
  UNION SELECT workspace, 'owner:' || owner, id FROM credentials WHERE shared IS NOT NULL AND owner <> '';

DROP INDEX credentials_name;
ALTER TABLE credentials DROP COLUMN name_key;
ALTER TABLE credentials DROP COLUMN search;
