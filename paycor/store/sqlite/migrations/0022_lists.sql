-- Lists are sorted and filtered by more than the name, and counted. Open fills the columns.
ALTER TABLE search_documents ADD COLUMN state_rank   TEXT    NOT NULL DEFAULT '';  -- digit; the worst state first
ALTER TABLE search_documents ADD COLUMN problem      INTEGER NOT NULL DEFAULT 0;   -- 1 if it needs attention whatever the day is
ALTER TABLE search_documents ADD COLUMN rotate_by    TEXT    NOT NULL DEFAULT '~'; -- '~' for none, so that those are last
ALTER TABLE search_documents ADD COLUMN last_used_at TEXT    NOT NULL DEFAULT '';
ALTER TABLE search_documents ADD COLUMN verified_at  TEXT    NOT NULL DEFAULT '';

CREATE INDEX search_documents_by_state     ON search_documents (workspace, restricted, state_rank, name_key, credential);
CREATE INDEX search_documents_by_last_used ON search_documents (workspace, restricted, last_used_at, name_key, credential);
CREATE INDEX search_documents_by_verified  ON search_documents (workspace, restricted, verified_at, name_key, credential);
CREATE INDEX search_documents_by_rotate_by ON search_documents (workspace, restricted, rotate_by, name_key, credential);
CREATE INDEX search_documents_environment  ON search_documents (workspace, environment, state_rank);
CREATE INDEX search_documents_problem      ON search_documents (workspace) WHERE problem = 1;
DROP INDEX search_documents_state;

-- The tags and the owner of each credential, folded, by which lists are filtered.
CREATE TABLE search_labels (
  workspace  TEXT NOT NULL,
  kind       TEXT NOT NULL,    -- 'tag' or 'owner'
  label      TEXT NOT NULL,
  credential TEXT NOT NULL,
  restricted INTEGER NOT NULL, -- as in the document
  name       TEXT NOT NULL,    -- the label as it is written
  PRIMARY KEY (workspace, kind, label, credential),
  FOREIGN KEY (workspace, credential) REFERENCES search_documents (workspace, credential) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX search_labels_of_credential ON search_labels (workspace, credential);

-- How many documents there are of each kind, and how many credentials have a label.
-- Triggers count, so that a page of a list reads a few rows however many are counted.
CREATE TABLE search_counts (
  workspace   TEXT NOT NULL,
  restricted  INTEGER NOT NULL,
  environment TEXT NOT NULL,
  state       TEXT NOT NULL,
  problem     INTEGER NOT NULL,
  rotate_by   TEXT NOT NULL,
  credentials INTEGER NOT NULL,
  PRIMARY KEY (workspace, restricted, environment, state, problem, rotate_by)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_label_counts (
  workspace   TEXT NOT NULL,
  kind        TEXT NOT NULL,
  restricted  INTEGER NOT NULL,
  label       TEXT NOT NULL,
  name        TEXT NOT NULL, -- as it was written last
  credentials INTEGER NOT NULL,
  PRIMARY KEY (workspace, kind, restricted, label)
) STRICT, WITHOUT ROWID;

CREATE INDEX search_label_counts_frequent ON search_label_counts (workspace, kind, restricted, credentials DESC, label);

INSERT INTO search_counts (workspace, restricted, environment, state, problem, rotate_by, credentials)
  SELECT workspace, restricted, environment, state, problem, rotate_by, count(*) FROM search_documents GROUP BY 1, 2, 3, 4, 5, 6;

CREATE TRIGGER search_counts_add AFTER INSERT ON search_documents BEGIN
  INSERT INTO search_counts VALUES (new.workspace, new.restricted, new.environment, new.state, new.problem, new.rotate_by, 1)
    ON CONFLICT DO UPDATE SET credentials = credentials + 1;
END;

CREATE TRIGGER search_counts_remove AFTER DELETE ON search_documents BEGIN
  UPDATE search_counts SET credentials = credentials - 1
    WHERE workspace = old.workspace AND restricted = old.restricted AND environment = old.environment
      AND state = old.state AND problem = old.problem AND rotate_by = old.rotate_by;
  DELETE FROM search_counts
    WHERE workspace = old.workspace AND restricted = old.restricted AND environment = old.environment
      AND state = old.state AND problem = old.problem AND rotate_by = old.rotate_by AND credentials = 0;
END;

CREATE TRIGGER search_counts_move AFTER UPDATE OF restricted, environment, state, problem, rotate_by ON search_documents
WHEN (old.restricted, old.environment, old.state, old.problem, old.rotate_by) <> (new.restricted, new.environment, new.state, new.problem, new.rotate_by) BEGIN
  UPDATE search_counts SET credentials = credentials - 1
    WHERE workspace = old.workspace AND restricted = old.restricted AND environment = old.environment
      AND state = old.state AND problem = old.problem AND rotate_by = old.rotate_by;
  DELETE FROM search_counts
    WHERE workspace = old.workspace AND restricted = old.restricted AND environment = old.environment
      AND state = old.state AND problem = old.problem AND rotate_by = old.rotate_by AND credentials = 0;
  INSERT INTO search_counts VALUES (new.workspace, new.restricted, new.environment, new.state, new.problem, new.rotate_by, 1)
    ON CONFLICT DO UPDATE SET credentials = credentials + 1;
END;

CREATE TRIGGER search_labels_restrict AFTER UPDATE OF restricted ON search_documents WHEN old.restricted <> new.restricted BEGIN
  UPDATE search_labels SET restricted = new.restricted WHERE workspace = new.workspace AND credential = new.credential;
END;

CREATE TRIGGER search_labels_add AFTER INSERT ON search_labels BEGIN
  INSERT INTO search_label_counts VALUES (new.workspace, new.kind, new.restricted, new.label, new.name, 1)
    ON CONFLICT DO UPDATE SET credentials = credentials + 1, name = excluded.name;
END;

CREATE TRIGGER search_labels_remove AFTER DELETE ON search_labels BEGIN
  UPDATE search_label_counts SET credentials = credentials - 1
    WHERE workspace = old.workspace AND kind = old.kind AND restricted = old.restricted AND label = old.label;
  DELETE FROM search_label_counts
    WHERE workspace = old.workspace AND kind = old.kind AND restricted = old.restricted AND label = old.label AND credentials = 0;
END;

CREATE TRIGGER search_labels_move AFTER UPDATE OF restricted ON search_labels WHEN old.restricted <> new.restricted BEGIN
  UPDATE search_label_counts SET credentials = credentials - 1
    WHERE workspace = old.workspace AND kind = old.kind AND restricted = old.restricted AND label = old.label;
  DELETE FROM search_label_counts
    WHERE workspace = old.workspace AND kind = old.kind AND restricted = old.restricted AND label = old.label AND credentials = 0;
  INSERT INTO search_label_counts VALUES (new.workspace, new.kind, new.restricted, new.label, new.name, 1)
    ON CONFLICT DO UPDATE SET credentials = credentials + 1, name = excluded.name;
END;

-- The counts replace the number of credentials of a workspace.
DROP TRIGGER search_adds;
DROP TRIGGER search_removes;
ALTER TABLE search_workspaces DROP COLUMN credentials;

CREATE TRIGGER search_adds AFTER INSERT ON search_documents BEGIN
  UPDATE search_workspaces SET last_document = last_document + 1 WHERE workspace = new.workspace;
  INSERT INTO search_trigrams (rowid, text) VALUES (new.document, new.text);
END;

CREATE TRIGGER search_removes AFTER DELETE ON search_documents BEGIN
  DELETE FROM search_trigrams WHERE rowid = old.document;
END;
