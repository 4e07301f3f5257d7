-- +goose Up
-- What lists of guilds and members need, and erasures.
ALTER TABLE guilds ADD COLUMN members INTEGER NOT NULL DEFAULT 0 CHECK (members >= 0); -- that were not erased
UPDATE guilds SET members = (SELECT count(*) FROM members m WHERE m.guild_id = guilds.id);

-- Which version of the settings it is, who made it and when.
ALTER TABLE guilds ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE guilds ADD COLUMN changed_by INTEGER REFERENCES accounts;
ALTER TABLE guilds ADD COLUMN changed_at INTEGER;
UPDATE guilds SET version = 1 + (SELECT count(*) FROM events e WHERE e.guild_id = guilds.id AND e.kind = 'settings.changed'),
    (changed_by, changed_at) = (SELECT e.actor_id, e.at FROM events e WHERE e.guild_id = guilds.id AND e.kind = 'settings.changed'
        ORDER BY e.id DESC LIMIT 1);

ALTER TABLE members ADD COLUMN folded TEXT NOT NULL DEFAULT ''; -- the name as names are compared
UPDATE members SET folded = lower(trim(coalesce(name, ''))); -- exactly so from his next act on

-- Erased members have no user_id, and no place anywhere.
DROP INDEX members_by_balance;
CREATE INDEX members_by_balance ON members (guild_id, balance DESC, id) WHERE user_id IS NOT NULL;
CREATE INDEX members_by_name ON members (guild_id, folded, id) WHERE user_id IS NOT NULL;
CREATE INDEX members_by_number ON members (guild_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX transactions_by_time ON transactions (guild_id, created_at, id);
CREATE INDEX transactions_by_kind ON transactions (guild_id, kind, created_at, id);
CREATE INDEX purchases_of_member ON purchases (member_id, id);
CREATE INDEX submissions_reviewed_by ON submissions (reviewer_id, id) WHERE reviewer_id IS NOT NULL;

-- Results that are remembered and tell of somebody.
CREATE INDEX requests_of_reviews ON requests (guild_id, result ->> '$.submission.id') WHERE operation = 'task.review';
CREATE INDEX requests_of_drops ON requests (guild_id, result ->> '$.id') WHERE operation = 'task.drop';

-- The Discord id of a member who was erased, until his role is taken.
ALTER TABLE deliveries ADD COLUMN user_id TEXT CHECK (user_id IS NULL OR kind = 'role' AND state <> 'done');
CREATE INDEX deliveries_of_member ON deliveries (member_id, id) WHERE member_id IS NOT NULL;
CREATE INDEX deliveries_naming ON deliveries (guild_id, args ->> '$.member') WHERE kind = 'channel';
