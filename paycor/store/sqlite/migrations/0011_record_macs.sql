-- Records that give authority are authenticated by a key outside of the database: a row
-- that was inserted or changed by hand is refused. Open computes the MACs of the rows
-- that exist.
ALTER TABLE tokens         ADD COLUMN mac BLOB NOT NULL DEFAULT x'';
ALTER TABLE sessions       ADD COLUMN mac BLOB NOT NULL DEFAULT x'';
ALTER TABLE sign_in_links  ADD COLUMN mac BLOB NOT NULL DEFAULT x'';
ALTER TABLE hosts          ADD COLUMN mac BLOB NOT NULL DEFAULT x'';
ALTER TABLE embed_sessions ADD COLUMN mac BLOB NOT NULL DEFAULT x'';
