-- +goose Up
CREATE TABLE items (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id        TEXT    NOT NULL REFERENCES guilds,
    name            TEXT    NOT NULL,
    folded          TEXT    NOT NULL, -- the name as names are compared
    description     TEXT    NOT NULL,
    category        TEXT    NOT NULL,
    picture         TEXT    NOT NULL,
    price           INTEGER NOT NULL CHECK (price >= 1),
    member_limit    INTEGER NOT NULL CHECK (member_limit >= 0),
    required_role   TEXT    NOT NULL, -- empty: none
    minimum_balance INTEGER NOT NULL CHECK (minimum_balance >= 0),
    from_at         INTEGER,          -- null: at once
    until_at        INTEGER,          -- null: for ever
    role            TEXT    NOT NULL, -- empty: none
    role_hours      INTEGER NOT NULL CHECK (role_hours >= 0),
    usable          INTEGER NOT NULL CHECK (usable IN (0, 1)),
    use_message     TEXT    NOT NULL,
    stock           INTEGER CHECK (stock >= 0), -- null: without limit
    sold            INTEGER NOT NULL DEFAULT 0 CHECK (sold >= 0),
    archived        INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
    version         INTEGER NOT NULL DEFAULT 1,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX items_by_name ON items (guild_id, folded) WHERE NOT archived;
CREATE INDEX items_on_sale ON items (guild_id, category, price, id) WHERE NOT archived;
CREATE INDEX items_by_guild ON items (guild_id, folded, id);

CREATE TABLE purchases (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id       TEXT    NOT NULL REFERENCES guilds,
    member_id      INTEGER NOT NULL REFERENCES members,
    item_id        INTEGER NOT NULL REFERENCES items,
    name           TEXT    NOT NULL, -- of the item, then
    quantity       INTEGER NOT NULL CHECK (quantity >= 1),
    price          INTEGER NOT NULL CHECK (price >= 1), -- of one piece
    transaction_id INTEGER NOT NULL UNIQUE REFERENCES transactions,
    refund_id      INTEGER REFERENCES transactions, -- null: not refunded
    created_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX purchases_refunded ON purchases (refund_id) WHERE refund_id IS NOT NULL;
CREATE INDEX purchases_refundable ON purchases (guild_id, id) WHERE refund_id IS NULL;

-- What a member has of an item and has used; together, what he has bought and was
-- not refunded.
CREATE TABLE inventories (
    member_id INTEGER NOT NULL REFERENCES members,
    item_id   INTEGER NOT NULL REFERENCES items,
    owned     INTEGER NOT NULL CHECK (owned >= 0),
    used      INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
    PRIMARY KEY (member_id, item_id)
) STRICT, WITHOUT ROWID;

-- What a purchase entitles its buyer to.
CREATE TABLE entitlements (
    purchase_id INTEGER PRIMARY KEY REFERENCES purchases,
    member_id   INTEGER NOT NULL REFERENCES members,
    role_id     TEXT    NOT NULL,
    until_at    INTEGER,           -- null: for ever
    granted     INTEGER NOT NULL DEFAULT 0 CHECK (granted IN (0, 1)), -- by Discord, once
    ended_at    INTEGER            -- null: it runs
) STRICT;
CREATE INDEX entitlements_running ON entitlements (member_id, role_id) WHERE ended_at IS NULL;
CREATE INDEX entitlements_ending ON entitlements (until_at) WHERE ended_at IS NULL AND until_at IS NOT NULL;

-- Messages that are kept to what they show. One lasts longer than its deliveries.
CREATE TABLE cards (
    guild_id   TEXT NOT NULL REFERENCES guilds,
    subject    TEXT NOT NULL, -- 'task:12'
    channel_id TEXT NOT NULL,
    message    TEXT,          -- null: not posted yet
    PRIMARY KEY (guild_id, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id   TEXT    NOT NULL REFERENCES guilds,
    kind       TEXT    NOT NULL CHECK (kind IN ('role', 'card', 'channel', 'direct')),
    state      TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
    member_id  INTEGER REFERENCES members CHECK ((member_id IS NOT NULL) = (kind IN ('role', 'direct'))),
    role_id    TEXT    CHECK ((role_id IS NOT NULL) = (kind = 'role')),
    channel_id TEXT    CHECK ((channel_id IS NOT NULL) = (kind = 'channel')),
    subject    TEXT    CHECK ((subject IS NOT NULL) = (kind = 'card')),
    notice     TEXT    CHECK ((notice IS NULL) = (kind = 'role')), -- its name; what a card's tells is read when it is leased
    args       TEXT,
    attempts   INTEGER NOT NULL DEFAULT 0,
    token      INTEGER NOT NULL DEFAULT 0, -- of the newest lease
    leased     INTEGER NOT NULL DEFAULT 0 CHECK (leased IN (0, 1)), -- the newest lease was not settled
    joined     INTEGER NOT NULL DEFAULT 0 CHECK (joined IN (0, 1)), -- another cause came after it
    due        INTEGER NOT NULL, -- not to be leased before
    error      TEXT    NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    settled_at INTEGER CHECK ((settled_at IS NULL) = (state = 'waiting'))
) STRICT;
CREATE UNIQUE INDEX deliveries_of_roles ON deliveries (member_id, role_id) WHERE kind = 'role' AND state <> 'done';
CREATE UNIQUE INDEX deliveries_of_cards ON deliveries (guild_id, subject) WHERE kind = 'card' AND state <> 'done';
CREATE INDEX deliveries_waiting ON deliveries (id, due) WHERE state = 'waiting';
CREATE INDEX deliveries_listed ON deliveries (guild_id, id) WHERE state <> 'done';
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;
