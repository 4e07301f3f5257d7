-- +goose Up
-- Who may use the dashboard and the API. An account is never deleted, because the
-- books tell who did something by its number.
CREATE TABLE admins (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    kind          TEXT NOT NULL CHECK (kind IN ('password', 'discord', 'token')),
    name          TEXT NOT NULL,
    discord_id    TEXT UNIQUE CHECK ((discord_id IS NULL) = (kind <> 'discord')),
    password_hash TEXT CHECK ((password_hash IS NULL) = (kind <> 'password')),
    token_hash    TEXT UNIQUE CHECK ((token_hash IS NULL) = (kind <> 'token')),
    role          TEXT NOT NULL CHECK (role IN ('viewer', 'reviewer', 'manager', 'owner')),
    guilds        TEXT NOT NULL, -- a JSON list of ids
    disabled      INTEGER NOT NULL DEFAULT 0, -- a token: revoked
    created_at    INTEGER NOT NULL,
    created_by    INTEGER REFERENCES admins, -- null: by the operator, or by himself
    last_used_at  INTEGER,
    expires_at    INTEGER,
    request       TEXT UNIQUE, -- the key of its creation
    fingerprint   TEXT
);
CREATE UNIQUE INDEX admins_name ON admins (name) WHERE kind = 'password';

-- A session is known by its id; whoever has its secret may renew it. Secrets and
-- tokens are kept as hashes.
CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    admin_id   INTEGER NOT NULL REFERENCES admins,
    secret     TEXT NOT NULL,
    previous   TEXT,
    renewed_at INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    sealed     TEXT -- what is needed to ask Discord again
) WITHOUT ROWID;
CREATE INDEX sessions_by_admin ON sessions (admin_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Tries to sign in, counted by name and by address in windows of time.
CREATE TABLE login_tries (
    key   TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    tries INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX login_tries_by_time ON login_tries (since);
