-- +goose Up
CREATE INDEX deliveries_of_erased ON deliveries (guild_id, user_id) WHERE user_id IS NOT NULL;
