-- +goose Up
-- Times are microseconds since 1970-01-01 UTC. Amounts are whole coins.

CREATE TABLE guilds (
    id               TEXT PRIMARY KEY,
    currency_name    TEXT    NOT NULL,
    currency_symbol  TEXT    NOT NULL,
    starting_balance INTEGER NOT NULL CHECK (starting_balance >= 0),
    daily_amount     INTEGER NOT NULL CHECK (daily_amount >= 1),
    streak_bonus     INTEGER NOT NULL CHECK (streak_bonus >= 0),
    streak_cap       INTEGER NOT NULL CHECK (streak_cap >= 0),
    grace            INTEGER NOT NULL CHECK (grace >= 0),
    time_zone        TEXT    NOT NULL,
    max_balance      INTEGER NOT NULL CHECK (max_balance BETWEEN 1 AND 1000000000000000),
    admin_channel    TEXT    NOT NULL, -- empty: none; so are the next three
    task_channel     TEXT    NOT NULL,
    review_channel   TEXT    NOT NULL,
    reviewer_role    TEXT    NOT NULL,
    created_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whatever holds coins: a member, or one of the guild's own accounts. Ids are
-- never used again.
CREATE TABLE accounts (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id TEXT NOT NULL REFERENCES guilds,
    system   TEXT CHECK (system IN ('mint', 'shop', 'burn')) -- null: a member's
) STRICT;
CREATE UNIQUE INDEX accounts_system ON accounts (guild_id, system) WHERE system IS NOT NULL;

-- user_id and name can be blanked; everything else refers to the id.
CREATE TABLE members (
    id         INTEGER PRIMARY KEY REFERENCES accounts,
    guild_id   TEXT    NOT NULL REFERENCES guilds,
    user_id    TEXT,
    name       TEXT,
    balance    INTEGER NOT NULL DEFAULT 0 CHECK (balance >= 0),
    streak     INTEGER NOT NULL DEFAULT 0 CHECK (streak >= 0),
    last_daily INTEGER NOT NULL DEFAULT 0, -- a day, counts while streak > 0
    created_at INTEGER NOT NULL,
    UNIQUE (guild_id, user_id)
) STRICT;
CREATE INDEX members_by_balance ON members (guild_id, balance DESC, id);

CREATE TABLE transactions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id   TEXT    NOT NULL REFERENCES guilds,
    kind       TEXT    NOT NULL CHECK ((kind IN ('reversal', 'refund')) = (reverses IS NOT NULL)),
    actor_id   INTEGER REFERENCES members, -- null: the system
    note       TEXT,
    reverses   INTEGER UNIQUE REFERENCES transactions,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX transactions_by_guild ON transactions (guild_id, id);

-- Clustered by account, so that a page of history is one range.
CREATE TABLE entries (
    account_id     INTEGER NOT NULL REFERENCES accounts,
    transaction_id INTEGER NOT NULL REFERENCES transactions,
    amount         INTEGER NOT NULL CHECK (amount <> 0),
    balance        INTEGER CHECK (balance >= 0), -- after it; null for system accounts
    PRIMARY KEY (account_id, transaction_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_by_transaction ON entries (transaction_id);

CREATE TABLE events (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id       TEXT    NOT NULL REFERENCES guilds,
    actor_id       INTEGER REFERENCES members, -- null: the system
    kind           TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    transaction_id INTEGER UNIQUE REFERENCES transactions, -- where it tells of one
    before         TEXT,
    after          TEXT,
    at             INTEGER NOT NULL
) STRICT;
CREATE INDEX events_by_guild ON events (guild_id, id);

CREATE TABLE requests (
    guild_id       TEXT    NOT NULL REFERENCES guilds,
    operation      TEXT    NOT NULL,
    source         TEXT    NOT NULL,
    key            TEXT    NOT NULL,
    fingerprint    TEXT    NOT NULL,
    transaction_id INTEGER UNIQUE REFERENCES transactions, -- null where nothing moved
    result         TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    PRIMARY KEY (guild_id, operation, source, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_by_age ON requests (created_at);

-- The last member of the richest n percent of a guild and his balance then.
CREATE TABLE rank_steps (
    guild_id  TEXT    NOT NULL REFERENCES guilds,
    percent   INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100),
    balance   INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    taken_at  INTEGER NOT NULL,
    PRIMARY KEY (guild_id, percent)
) STRICT, WITHOUT ROWID;
