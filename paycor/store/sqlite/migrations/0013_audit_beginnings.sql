-- Where the audit trail begins once entries were archived: after the newest row. Only
-- entries up to there can be deleted.
CREATE TABLE audit_beginnings (
  sequence    INTEGER PRIMARY KEY, -- of the last archived entry
  hash        TEXT NOT NULL,       -- of that entry
  archived_at TEXT NOT NULL,
  mac         BLOB NOT NULL DEFAULT x''
) STRICT;

DROP TRIGGER audit_keeps_entries;

CREATE TRIGGER audit_keeps_entries BEFORE DELETE ON audit
WHEN OLD.sequence > (SELECT coalesce(max(sequence), 0) FROM audit_beginnings)
BEGIN SELECT raise(ABORT, 'audit entries are never removed before they are archived'); END;
