-- Metrics count credentials by environment and state, and applications by the date to
-- replace their secrets by, from these indexes. Open fills the columns.
ALTER TABLE search_documents ADD COLUMN environment TEXT NOT NULL DEFAULT '';
ALTER TABLE search_documents ADD COLUMN state TEXT NOT NULL DEFAULT '';

CREATE INDEX search_documents_state ON search_documents (environment, state);
CREATE INDEX applications_rotate_by ON applications (rotate_by) WHERE rotate_by <> '';
