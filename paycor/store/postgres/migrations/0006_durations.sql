-- Histogram of how long the calls took that Paycor answered, in milliseconds. Hours that
-- were counted before have none.
ALTER TABLE use_hours
  ADD COLUMN took_50     bigint NOT NULL DEFAULT 0,
  ADD COLUMN took_100    bigint NOT NULL DEFAULT 0,
  ADD COLUMN took_250    bigint NOT NULL DEFAULT 0,
  ADD COLUMN took_500    bigint NOT NULL DEFAULT 0,
  ADD COLUMN took_1000   bigint NOT NULL DEFAULT 0,
  ADD COLUMN took_2500   bigint NOT NULL DEFAULT 0,
  ADD COLUMN took_5000   bigint NOT NULL DEFAULT 0,
  ADD COLUMN took_10000  bigint NOT NULL DEFAULT 0,
  ADD COLUMN took_30000  bigint NOT NULL DEFAULT 0,
  ADD COLUMN took_longer bigint NOT NULL DEFAULT 0;
