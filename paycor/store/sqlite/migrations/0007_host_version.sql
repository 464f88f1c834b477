-- Counts changes of an embedding site, to prevent lost updates.
ALTER TABLE hosts ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
