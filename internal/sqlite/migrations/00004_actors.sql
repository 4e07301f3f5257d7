-- +goose Up
-- Who acts from the dashboard has an account, and is no member. What he did refers to
-- it; SQLite changes what a column refers to only in its own table of tables.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'actor_id   INTEGER REFERENCES members', 'actor_id   INTEGER REFERENCES accounts')
    WHERE type = 'table' AND name = 'transactions';
UPDATE sqlite_schema SET sql = replace(sql, 'actor_id       INTEGER REFERENCES members', 'actor_id       INTEGER REFERENCES accounts')
    WHERE type = 'table' AND name = 'events';
UPDATE sqlite_schema SET sql = replace(sql, 'reviewer_id    INTEGER REFERENCES members', 'reviewer_id    INTEGER REFERENCES accounts')
    WHERE type = 'table' AND name = 'submissions';
PRAGMA writable_schema = RESET;

ALTER TABLE accounts ADD COLUMN admin_id INTEGER CHECK (system IS NULL OR admin_id IS NULL); -- null: no account of the dashboard
ALTER TABLE accounts ADD COLUMN admin_name TEXT; -- as it was told last
CREATE UNIQUE INDEX accounts_admin ON accounts (guild_id, admin_id) WHERE admin_id IS NOT NULL;

-- Results of reviews tell who reviewed as an actor, no more by his Discord id.
UPDATE requests SET result = (
    SELECT CASE WHEN m.id IS NULL THEN json_remove(result, '$.submission.reviewer')
        ELSE json_set(result, '$.submission.reviewer', json_object('kind', 'member', 'id', m.id, 'user', m.user_id, 'name', m.name)) END
    FROM (SELECT result ->> '$.submission.reviewer' AS user) r
        LEFT JOIN members m ON m.guild_id = requests.guild_id AND m.user_id = r.user)
    WHERE operation = 'task.review';
