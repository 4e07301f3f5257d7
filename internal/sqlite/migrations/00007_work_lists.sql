-- +goose Up
-- What admins list is one range of an index for each state that is asked for, whatever
-- else it is narrowed by.
ALTER TABLE submissions ADD COLUMN task_id INTEGER REFERENCES tasks;     -- its claim's
ALTER TABLE submissions ADD COLUMN member_id INTEGER REFERENCES members; -- its claim's
UPDATE submissions SET task_id = c.task_id, member_id = c.member_id FROM claims c WHERE c.id = submissions.claim_id;
DROP INDEX submissions_waiting;
CREATE INDEX submissions_by_state ON submissions (guild_id, state, id);
CREATE INDEX submissions_by_task ON submissions (task_id, state, id);
CREATE INDEX submissions_by_member ON submissions (member_id, state, id);

ALTER TABLE purchases ADD COLUMN state TEXT GENERATED ALWAYS AS (CASE WHEN refund_id IS NULL THEN 'kept' ELSE 'refunded' END) VIRTUAL;
CREATE INDEX purchases_by_state ON purchases (guild_id, state, id);
CREATE INDEX purchases_by_member ON purchases (member_id, state, id);
CREATE INDEX purchases_by_item ON purchases (item_id, state, id);

DROP INDEX tasks_open;
CREATE INDEX tasks_by_state ON tasks (guild_id, state, id);
CREATE INDEX claims_waiting ON claims (task_id) WHERE state = 'submitted';
CREATE INDEX items_by_shelf ON items (guild_id, archived, id);
CREATE INDEX deliveries_by_state ON deliveries (guild_id, state, id) WHERE state <> 'done';

-- Who changed a task or an item, and when.
CREATE INDEX events_of_work ON events (guild_id, subject, id) WHERE kind IN ('task.created', 'task.changed', 'task.opened',
    'task.closed', 'task.archived', 'item.created', 'item.changed', 'item.archived');
