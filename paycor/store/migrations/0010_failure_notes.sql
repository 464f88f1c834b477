-- What the headers of Paycor's answer told, which tells failures apart, and the
-- template of the last one's path, which does not.
ALTER TABLE use_failures ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE use_failures ADD COLUMN path TEXT NOT NULL DEFAULT '';

DROP INDEX use_failures_alike;
CREATE UNIQUE INDEX use_failures_alike ON use_failures (workspace, credential, caller_kind, caller_id, method, status, code, note);
