-- Since when a credential uses its application: what was done to the application before
-- did not concern it. Of the credentials that exist, only what follows is known.
ALTER TABLE credentials ADD COLUMN application_since TEXT NOT NULL DEFAULT '';

UPDATE credentials SET application_since = strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now');
