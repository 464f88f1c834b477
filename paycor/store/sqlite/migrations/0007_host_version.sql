-- Counts the changes of a host, so that nobody overwrites another's unseen.
ALTER TABLE hosts ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
