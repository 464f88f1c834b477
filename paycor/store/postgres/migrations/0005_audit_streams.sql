-- How far the audit trail was sent to each receiver. One process sends at a time.
CREATE TABLE audit_streams (
  receiver   text COLLATE "C" PRIMARY KEY, -- its address, without what signs in there
  sequence   bigint NOT NULL, -- of the last entry that it took
  sent_at    text COLLATE "C" NOT NULL,
  holder     text COLLATE "C" NOT NULL, -- random, of a running process
  held_until text COLLATE "C" NOT NULL
);
