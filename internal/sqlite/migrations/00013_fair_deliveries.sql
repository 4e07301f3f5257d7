-- +goose Up
CREATE INDEX deliveries_of_erased ON deliveries (guild_id, user_id) WHERE user_id IS NOT NULL;

DROP INDEX deliveries_waiting;
CREATE INDEX deliveries_waiting ON deliveries (guild_id, id, due) WHERE state = 'waiting';
CREATE INDEX deliveries_leased ON deliveries (guild_id, due) WHERE state = 'waiting' AND leased;
