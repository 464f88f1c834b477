-- Equal failures become one row with a count and the time of the first one. The note,
-- from the headers of Paycor's response, distinguishes them; the path does not.
ALTER TABLE use_failures ADD COLUMN caller_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE use_failures ADD COLUMN caller_id   TEXT NOT NULL DEFAULT '';
ALTER TABLE use_failures ADD COLUMN times       INTEGER NOT NULL DEFAULT 1;
ALTER TABLE use_failures ADD COLUMN first_at    TEXT NOT NULL DEFAULT '';
ALTER TABLE use_failures ADD COLUMN note        TEXT NOT NULL DEFAULT '';
ALTER TABLE use_failures ADD COLUMN path        TEXT NOT NULL DEFAULT '';

-- Earlier failures have only the name of their caller.
UPDATE use_failures SET caller_id = caller_name;

UPDATE use_failures SET (times, first_at) = (
  SELECT count(*), min(o.at) FROM use_failures o
  WHERE o.workspace = use_failures.workspace AND o.credential = use_failures.credential AND o.caller_name = use_failures.caller_name
    AND o.method = use_failures.method AND o.status = use_failures.status AND o.code = use_failures.code);

DELETE FROM use_failures WHERE sequence NOT IN (
  SELECT max(sequence) FROM use_failures GROUP BY workspace, credential, caller_name, method, status, code);

DROP INDEX use_failures_of_credential;
CREATE UNIQUE INDEX use_failures_alike ON use_failures (workspace, credential, caller_kind, caller_id, method, status, code, note);
