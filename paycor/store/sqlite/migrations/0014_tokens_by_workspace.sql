-- The tokens of a workspace are listed in pages and counted.
CREATE INDEX tokens_of_workspace ON tokens (workspace, created_at DESC, id);
