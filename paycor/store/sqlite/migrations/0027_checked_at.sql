-- Lists are sorted by when Paycor was last asked. Open fills the column.
ALTER TABLE search_documents ADD COLUMN checked_at TEXT NOT NULL DEFAULT '';

CREATE INDEX search_documents_by_checked ON search_documents (workspace, restricted, checked_at, name_key, credential);
