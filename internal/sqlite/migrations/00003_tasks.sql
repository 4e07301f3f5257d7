-- +goose Up
CREATE TABLE tasks (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id      TEXT    NOT NULL REFERENCES guilds,
    title         TEXT    NOT NULL,
    folded        TEXT    NOT NULL, -- the title as titles are compared
    description   TEXT    NOT NULL,
    picture       TEXT    NOT NULL,
    reward        INTEGER NOT NULL CHECK (reward >= 1),
    proof         TEXT    NOT NULL CHECK (proof IN ('none', 'text', 'link', 'image')),
    review        TEXT    NOT NULL CHECK (review IN ('person', 'answer', 'nobody')),
    answer        TEXT    NOT NULL,
    places        INTEGER NOT NULL CHECK (places >= 0), -- 0: without limit
    repeat        TEXT    NOT NULL CHECK (repeat IN ('once', 'daily', 'weekly')),
    deadline      INTEGER,          -- null: never
    claim_hours   INTEGER NOT NULL CHECK (claim_hours >= 0),
    tries         INTEGER NOT NULL CHECK (tries >= 1),
    required_role TEXT    NOT NULL, -- empty: none
    prerequisite  INTEGER REFERENCES tasks,
    state         TEXT    NOT NULL CHECK (state IN ('draft', 'open', 'closed', 'archived')),
    version       INTEGER NOT NULL DEFAULT 1,
    taken         INTEGER NOT NULL DEFAULT 0 CHECK (taken >= 0), -- places, by claims that run or were approved
    created_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX tasks_by_title ON tasks (guild_id, folded) WHERE state <> 'archived';
CREATE INDEX tasks_open ON tasks (guild_id, id) WHERE state = 'open';
CREATE INDEX tasks_ending ON tasks (deadline) WHERE state = 'open' AND deadline IS NOT NULL;
CREATE INDEX tasks_by_guild ON tasks (guild_id, folded, id);

CREATE TABLE claims (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id    INTEGER NOT NULL REFERENCES tasks,
    member_id  INTEGER NOT NULL REFERENCES members,
    state      TEXT    NOT NULL DEFAULT 'claimed'
        CHECK (state IN ('claimed', 'submitted', 'rejected', 'failed', 'approved', 'dropped', 'expired')),
    period     INTEGER NOT NULL, -- its first day
    reward     INTEGER NOT NULL CHECK (reward >= 1), -- that was promised
    spent      INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0), -- tries of those before it in its period, which were given up
    tries      INTEGER NOT NULL DEFAULT 0 CHECK (tries >= spent), -- how often it was handed in, and those
    due        INTEGER,          -- its own end; null: none
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX claims_running ON claims (task_id, member_id) WHERE state IN ('claimed', 'submitted', 'rejected');
CREATE UNIQUE INDEX claims_once ON claims (task_id, member_id, period) WHERE state NOT IN ('dropped', 'expired');
CREATE INDEX claims_of_task ON claims (task_id, member_id, id);
CREATE INDEX claims_by_member ON claims (member_id, id);
CREATE INDEX claims_ending ON claims (due) WHERE state IN ('claimed', 'rejected') AND due IS NOT NULL;
CREATE INDEX claims_unsubmitted ON claims (task_id, due) WHERE state IN ('claimed', 'rejected');

-- What was handed in for a claim, each time.
CREATE TABLE submissions (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id       TEXT    NOT NULL REFERENCES guilds,
    claim_id       INTEGER NOT NULL REFERENCES claims,
    try            INTEGER NOT NULL CHECK (try >= 1),
    proof          TEXT    NOT NULL, -- that the task asked for, then
    text           TEXT    NOT NULL,
    image          TEXT    NOT NULL, -- its address; empty: none
    image_name     TEXT    NOT NULL,
    image_type     TEXT    NOT NULL,
    image_size     INTEGER NOT NULL,
    image_expires  INTEGER,          -- null: unknown
    state          TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'accepted', 'refused')),
    reviewer_id    INTEGER REFERENCES members, -- null: not reviewed, or not by a person
    percent        INTEGER NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
    paid           INTEGER NOT NULL DEFAULT 0 CHECK (paid >= 0),
    transaction_id INTEGER UNIQUE REFERENCES transactions, -- null: nothing was paid
    reason         TEXT    NOT NULL DEFAULT '',
    created_at     INTEGER NOT NULL,
    reviewed_at    INTEGER CHECK ((reviewed_at IS NULL) = (state = 'waiting')),
    UNIQUE (claim_id, try)
) STRICT;
CREATE UNIQUE INDEX submissions_of_claim ON submissions (claim_id) WHERE state = 'waiting';
CREATE INDEX submissions_waiting ON submissions (guild_id, id) WHERE state = 'waiting';
