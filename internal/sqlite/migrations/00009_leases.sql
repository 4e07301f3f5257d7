-- +goose Up
-- Who of several processes does something that one at a time is to do.
CREATE TABLE leases (
    name    TEXT PRIMARY KEY,
    holder  TEXT    NOT NULL,
    token   INTEGER NOT NULL, -- grows with each holder
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
