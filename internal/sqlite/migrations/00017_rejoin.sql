-- +goose Up
-- Since when a role is held without having left the guild: whoever joined later has lost it.
ALTER TABLE entitlements ADD COLUMN held_since INTEGER NOT NULL DEFAULT 0; -- bought, or joined again
UPDATE entitlements SET held_since = (SELECT p.created_at FROM purchases p WHERE p.id = purchase_id);
