-- +goose Up
-- Who administers, beside those who manage the server.
ALTER TABLE guilds ADD COLUMN admin_role TEXT NOT NULL DEFAULT '';

-- What was told of settings before, is told of all of them.
UPDATE events SET before = json_set(before, '$.admin_role', ''), after = json_set(after, '$.admin_role', '')
    WHERE kind IN ('guild.created', 'settings.changed');
