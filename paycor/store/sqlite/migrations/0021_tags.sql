-- Words that group credentials ("bakery, payroll"), and whom to ask about one. The column
-- owner is who added a credential.
ALTER TABLE credentials ADD COLUMN tags       TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN owner_name TEXT NOT NULL DEFAULT '';
