-- +goose Up
-- Where who joins is welcomed.
ALTER TABLE guilds ADD COLUMN welcome_channel TEXT NOT NULL DEFAULT '';

-- What was told of settings before, is told of all of them.
UPDATE events SET before = json_set(before, '$.welcome_channel', ''), after = json_set(after, '$.welcome_channel', '')
    WHERE kind IN ('guild.created', 'settings.changed');

-- A welcome was written when those it names were met.
CREATE INDEX deliveries_welcoming ON deliveries (guild_id, created_at) WHERE notice = 'member.joined';
CREATE INDEX deliveries_welcome ON deliveries (guild_id) WHERE notice = 'member.joined' AND state = 'waiting';
