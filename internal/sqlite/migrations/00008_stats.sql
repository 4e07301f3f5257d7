-- +goose Up
-- The trail goes by time. What transactions tell is found by them.
CREATE INDEX events_by_time ON events (guild_id, at, id);
CREATE INDEX events_by_actor ON events (guild_id, actor_id, at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX events_by_kind ON events (guild_id, kind, at, id);
CREATE INDEX events_by_subject ON events (guild_id, subject, at, id) WHERE transaction_id IS NULL;

-- What happened in a guild on a day, in UTC, as far as it was tallied.
CREATE TABLE days (
    guild_id       TEXT    NOT NULL REFERENCES guilds,
    day            INTEGER NOT NULL,
    minted         INTEGER NOT NULL,
    burned         INTEGER NOT NULL,
    spent          INTEGER NOT NULL,
    refunded       INTEGER NOT NULL,
    transactions   INTEGER NOT NULL,
    active_members INTEGER NOT NULL,
    joined         INTEGER NOT NULL,
    erased         INTEGER NOT NULL,
    dailies        INTEGER NOT NULL,
    transfers      INTEGER NOT NULL,
    sales          INTEGER NOT NULL,
    rewards        INTEGER NOT NULL,
    PRIMARY KEY (guild_id, day)
) STRICT, WITHOUT ROWID;

-- The last event that was tallied.
CREATE TABLE tallies (
    guild_id   TEXT PRIMARY KEY REFERENCES guilds,
    event_id   INTEGER NOT NULL,
    tallied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The top earners and spenders of guilds where too much happens to count it each time.
CREATE TABLE tops (
    guild_id TEXT PRIMARY KEY REFERENCES guilds,
    since    INTEGER NOT NULL,
    earners  TEXT    NOT NULL,
    spenders TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
