-- +goose Up
-- What was done to accounts and tokens, from now on: of what was done before is not known
-- by whom. Rows are only added. They have no names, no secrets and no hashes.
CREATE TABLE admin_changes (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    admin_id INTEGER NOT NULL REFERENCES admins,
    kind     TEXT    NOT NULL,
    by_id    INTEGER REFERENCES admins, -- null: the operator, or Discord
    before   TEXT, -- JSON, as after: what the account might do
    after    TEXT,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX admin_changes_by_admin ON admin_changes (admin_id, id);
CREATE INDEX admin_changes_by_actor ON admin_changes (by_id, id);
