package sqlite

// Task and claim events in order, each with what the one before said.
const taskTold = `told AS (
	SELECT id, guild_id, CAST(substr(subject, 6) AS INTEGER) AS task, kind, before, after,
		lag(after) OVER (PARTITION BY subject, guild_id ORDER BY id) AS previous,
		row_number() OVER (PARTITION BY subject, guild_id ORDER BY id DESC) AS age
	FROM events WHERE subject LIKE 'task:%')`

const claimTold = `told AS (
	SELECT id, guild_id, CAST(substr(subject, 7) AS INTEGER) AS claim, kind, actor_id, at, before, after,
		lag(after) OVER (PARTITION BY subject, guild_id ORDER BY id) AS previous,
		row_number() OVER (PARTITION BY subject, guild_id ORDER BY id DESC) AS age
	FROM events WHERE subject LIKE 'claim:%')`

// Each claim with what the task's newest event before it says.
const claimPromised = `moments AS (
		SELECT CAST(substr(subject, 6) AS INTEGER) AS task, id, NULL AS claim, after FROM events WHERE subject LIKE 'task:%'
		UNION ALL
		SELECT c.task_id, e.id, c.id, NULL FROM events e JOIN claims c ON c.id = CAST(substr(e.subject, 7) AS INTEGER)
		WHERE e.kind = 'claim.created'),
	eras AS (SELECT *, count(after) OVER (PARTITION BY task ORDER BY id) AS era FROM moments),
	promised AS (SELECT claim, max(after) OVER (PARTITION BY task, era) AS task FROM eras)`

// Each claim with the newest work that was handed in for it.
const lastWork = `last AS (SELECT *, max(try) FROM submissions GROUP BY claim_id)`

var taskViolations = map[string]string{
	"tasks_told": `
		WITH ` + taskTold + `
		SELECT 'event ' || id AS row FROM told WHERE before IS NOT previous OR (before IS NULL) <> (kind = 'task.created')
			OR after ->> '$.version' IS NOT coalesce(before ->> '$.version', 0) + 1 OR after ->> '$.id' IS NOT task
			OR NOT CASE kind
				WHEN 'task.created' THEN after ->> '$.state' IN ('draft', 'open')
				WHEN 'task.changed' THEN after ->> '$.state' = before ->> '$.state' AND before ->> '$.state' <> 'archived'
				WHEN 'task.opened' THEN after ->> '$.state' = 'open' AND before ->> '$.state' IN ('draft', 'closed')
				WHEN 'task.closed' THEN after ->> '$.state' = 'closed' AND before ->> '$.state' = 'open'
				WHEN 'task.archived' THEN after ->> '$.state' = 'archived' AND before ->> '$.state' <> 'archived'
				ELSE 0 END
			OR kind NOT IN ('task.created', 'task.changed') AND before -> '$.terms' IS NOT after -> '$.terms'
			OR NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = task AND t.guild_id = told.guild_id)
		UNION ALL
		SELECT 'task ' || t.id FROM tasks t LEFT JOIN told ON told.task = t.id AND told.guild_id = t.guild_id AND told.age = 1
		WHERE json_array(t.title, t.description, t.picture, t.reward, t.proof, t.review, t.answer, t.places, t.repeat,
				` + timeText("t.deadline") + `, t.claim_hours, t.tries, t.required_role, coalesce(t.prerequisite, 0), t.state, t.version)
			IS NOT json_array(after ->> '$.terms.title', after ->> '$.terms.description', after ->> '$.terms.picture', after ->> '$.terms.reward',
				after ->> '$.terms.proof', after ->> '$.terms.review', after ->> '$.terms.answer', after ->> '$.terms.places',
				after ->> '$.terms.repeat', after ->> '$.terms.deadline', after ->> '$.terms.claim_hours', after ->> '$.terms.tries',
				after ->> '$.terms.required_role', after ->> '$.terms.prerequisite', after ->> '$.state', after ->> '$.version')
		UNION ALL
		SELECT 'task ' || t.id FROM tasks t JOIN tasks p ON p.id = t.prerequisite WHERE p.guild_id <> t.guild_id OR p.id = t.id`,

	"claims_told": `
		WITH ` + claimTold + `,
		` + claimPromised + `
		SELECT 'event ' || e.id AS row FROM told e LEFT JOIN claims c ON c.id = e.claim LEFT JOIN tasks t ON t.id = c.task_id
		WHERE e.before IS NOT e.previous OR (e.before IS NULL) <> (e.kind = 'claim.created')
			OR t.guild_id IS NOT e.guild_id OR e.after ->> '$.task' IS NOT c.task_id
			OR e.kind IS NOT 'claim.' || CASE WHEN e.before IS NULL THEN 'created' ELSE e.after ->> '$.state' END
			OR NOT CASE e.after ->> '$.state'
				WHEN 'claimed' THEN e.before IS NULL AND e.at = c.created_at AND e.actor_id IS c.member_id
				WHEN 'submitted' THEN e.before ->> '$.state' IN ('claimed', 'rejected') AND e.actor_id IS c.member_id
				WHEN 'dropped' THEN e.before ->> '$.state' IN ('claimed', 'rejected')
					AND (e.actor_id IS c.member_id OR EXISTS (SELECT 1 FROM members m WHERE m.id = c.member_id AND m.user_id IS NULL))
				WHEN 'expired' THEN e.before ->> '$.state' IN ('claimed', 'rejected') AND e.actor_id IS NULL
				ELSE e.before ->> '$.state' = 'submitted' AND e.actor_id IS NOT NULL END
		UNION ALL
		SELECT 'claim ' || c.id FROM claims c LEFT JOIN told ON told.claim = c.id AND told.age = 1
		WHERE told.after ->> '$.state' IS NOT c.state
		UNION ALL
		SELECT 'claim ' || c.id FROM claims c JOIN tasks t ON t.id = c.task_id JOIN members m ON m.id = c.member_id
		WHERE m.guild_id <> t.guild_id
		UNION ALL
		SELECT 'claim ' || c.id FROM claims c LEFT JOIN promised p ON p.claim = c.id
		WHERE p.task ->> '$.terms.reward' IS NOT c.reward OR CASE p.task ->> '$.terms.repeat'
			WHEN 'once' THEN c.period <> 0
			WHEN 'daily' THEN c.period - ` + utcDay("c.created_at") + ` NOT BETWEEN -1 AND 1
			ELSE c.period - ` + utcDay("c.created_at") + ` NOT BETWEEN -7 AND 1 END`,

	"claims_once": `
		SELECT 'task ' || task_id || ' of member ' || member_id AS row FROM claims
		WHERE ` + claimRuns + ` GROUP BY task_id, member_id HAVING count(*) > 1
		UNION ALL
		SELECT 'task ' || task_id || ' of member ' || member_id FROM claims
		WHERE state NOT IN ('dropped', 'expired') GROUP BY task_id, member_id, period HAVING count(*) > 1`,

	"places_match": `
		SELECT 'task ' || t.id AS row FROM tasks t LEFT JOIN (
			SELECT task_id, count(*) AS n FROM claims WHERE state IN ('claimed', 'submitted', 'rejected', 'approved') GROUP BY task_id
		) c ON c.task_id = t.id WHERE t.taken <> coalesce(c.n, 0)`,

	"submissions_fit": `
		WITH ` + lastWork + `,
		told AS (SELECT subject, count(*) AS tries FROM events WHERE kind = 'claim.submitted' GROUP BY subject)
		SELECT 'claim ' || c.id AS row FROM claims c LEFT JOIN last s ON s.claim_id = c.id LEFT JOIN told e ON e.subject = 'claim:' || c.id
		WHERE c.tries - c.spent <> (SELECT count(*) FROM submissions x WHERE x.claim_id = c.id) OR c.tries IS NOT coalesce(s.try, c.spent)
			OR c.tries - c.spent <> coalesce(e.tries, 0)
			OR c.spent <> (SELECT coalesce(max(x.tries), 0) FROM claims x
				WHERE x.task_id = c.task_id AND x.member_id = c.member_id AND x.period = c.period AND x.id < c.id)
			OR coalesce(s.state, '') NOT IN (SELECT value FROM json_each(CASE c.state
				WHEN 'claimed' THEN '[""]'
				WHEN 'submitted' THEN '["waiting"]'
				WHEN 'approved' THEN '["accepted"]'
				WHEN 'rejected' THEN '["refused"]'
				WHEN 'failed' THEN '["refused"]'
				ELSE '["", "refused"]' END))
		UNION ALL
		SELECT 'submission ' || s.id FROM submissions s JOIN last l ON l.claim_id = s.claim_id WHERE s.try < l.try AND s.state <> 'refused'
		UNION ALL
		SELECT 'submission ' || s.id FROM submissions s JOIN claims c ON c.id = s.claim_id JOIN tasks t ON t.id = c.task_id
		WHERE t.guild_id <> s.guild_id OR s.reviewer_id = c.member_id OR s.member_id IS NOT c.member_id OR s.task_id IS NOT c.task_id`,

	"rewards_once": `
		SELECT 'submission ' || s.id AS row FROM submissions s JOIN claims c ON c.id = s.claim_id
		LEFT JOIN transactions t ON t.id = s.transaction_id LEFT JOIN entries e ON e.transaction_id = t.id AND e.account_id = c.member_id
		WHERE s.paid <> coalesce(e.amount, 0) OR (s.paid = 0) <> (s.transaction_id IS NULL) OR s.paid > 0 AND s.state <> 'accepted'
			OR s.paid > c.reward / 100 * s.percent + c.reward % 100 * s.percent / 100
			OR t.id IS NOT NULL AND (t.kind <> 'reward' OR t.guild_id <> s.guild_id OR t.created_at <> s.reviewed_at
				OR t.actor_id IS NOT coalesce(s.reviewer_id, c.member_id))
		UNION ALL
		SELECT 'transaction ' || t.id FROM transactions t LEFT JOIN submissions s ON s.transaction_id = t.id
		WHERE t.kind = 'reward' GROUP BY t.id HAVING count(s.id) <> 1`,
}
