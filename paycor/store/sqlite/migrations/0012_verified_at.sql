-- When Paycor last accepted a credential. It outlives the verdict, which an edit drops.
ALTER TABLE credentials ADD COLUMN verified_at TEXT NOT NULL DEFAULT '';

UPDATE credentials SET verified_at = substr(json_extract(settled, '$.checked_at'), 1, 19) || '.000000000Z'
WHERE json_extract(settled, '$.outcome') = 'verified' AND json_extract(settled, '$.checked_at') LIKE '____-__-__T__:__:__%Z';
