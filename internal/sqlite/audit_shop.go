package sqlite

// Item events in order, each with what it says of the item; a change's "before" is
// compared with the "after" of the one before, but for what sales change.
const itemTold = `told AS (
	SELECT id, guild_id, subject, CAST(substr(subject, 6) AS INTEGER) AS item, kind, before, after,
		lag(after) OVER (PARTITION BY subject, guild_id ORDER BY id) AS previous,
		row_number() OVER (PARTITION BY subject, guild_id ORDER BY id DESC) AS age
	FROM events WHERE kind IN ('item.created', 'item.changed', 'item.archived'))`

// Each purchase with what the item's newest event before it says.
const purchaseTold = `moments AS (
		SELECT CAST(substr(subject, 6) AS INTEGER) AS item, id, NULL AS purchase, after FROM events
		WHERE kind IN ('item.created', 'item.changed', 'item.archived')
		UNION ALL
		SELECT p.item_id, e.id, p.id, NULL FROM purchases p JOIN events e ON e.transaction_id = p.transaction_id),
	eras AS (SELECT *, count(after) OVER (PARTITION BY item ORDER BY id) AS era FROM moments),
	deals AS (SELECT purchase, max(after) OVER (PARTITION BY item, era) AS item FROM eras)`

// When the time begins that an entitlement e of a purchase p was bought for.
const roleBegins = "e.until_at - (d.item ->> '$.terms.role_hours') * p.quantity * 3600000000"

// microseconds as they stand in JSON; only for times from 1970 on.
func timeText(column string) string {
	return `CASE WHEN ` + column + ` IS NOT NULL THEN strftime('%Y-%m-%dT%H:%M:%S', ` + column + ` / 1000000, 'unixepoch')
		|| CASE WHEN ` + column + ` % 1000000 > 0 THEN rtrim(printf('.%06d', ` + column + ` % 1000000), '0') ELSE '' END || 'Z' END`
}

var shopViolations = map[string]string{
	"items_told": `
		WITH ` + itemTold + `
		SELECT 'event ' || id AS row FROM told WHERE
			(before IS NULL) <> (kind = 'item.created') OR (previous IS NULL) <> (kind = 'item.created')
			OR json_array(before -> '$.terms', before -> '$.version', before -> '$.archived')
				IS NOT json_array(previous -> '$.terms', previous -> '$.version', previous -> '$.archived')
			OR after ->> '$.version' IS NOT coalesce(before ->> '$.version', 0) + (kind <> 'item.archived')
			OR after ->> '$.archived' IS NOT (kind = 'item.archived') OR before ->> '$.archived' IS 1
			OR after ->> '$.id' IS NOT item OR NOT EXISTS (SELECT 1 FROM items i WHERE i.id = item AND i.guild_id = told.guild_id)
		UNION ALL
		SELECT 'item ' || i.id FROM items i LEFT JOIN told ON told.item = i.id AND told.guild_id = i.guild_id AND told.age = 1
		WHERE json_array(i.name, i.description, i.category, i.picture, i.price, i.member_limit, i.required_role, i.minimum_balance,
				` + timeText("i.from_at") + `, ` + timeText("i.until_at") + `, i.role, i.role_hours, i.usable, i.use_message, i.archived, i.version)
			IS NOT json_array(after ->> '$.terms.name', after ->> '$.terms.description', after ->> '$.terms.category',
				after ->> '$.terms.picture', after ->> '$.terms.price', after ->> '$.terms.member_limit', after ->> '$.terms.required_role',
				after ->> '$.terms.minimum_balance', after ->> '$.terms.from', after ->> '$.terms.until', after ->> '$.terms.role',
				after ->> '$.terms.role_hours', after ->> '$.terms.usable', after ->> '$.terms.use_message', after ->> '$.archived',
				after ->> '$.version')`,

	"units_match": `
		WITH kept AS (SELECT member_id, item_id, sum(quantity) AS units FROM purchases WHERE refund_id IS NULL GROUP BY member_id, item_id),
		used AS (SELECT actor_id, subject, count(*) AS units FROM events WHERE kind = 'item.used' GROUP BY actor_id, subject),
		` + itemTold + `,
		moves AS (
			SELECT p.item_id, e.id, -p.quantity AS units FROM purchases p JOIN events e ON e.transaction_id = p.transaction_id
			UNION ALL
			SELECT p.item_id, e.id, p.quantity FROM purchases p JOIN events e ON e.transaction_id = p.refund_id)
		SELECT 'item ' || coalesce(v.item_id, k.item_id) || ' of member ' || coalesce(v.member_id, k.member_id) AS row
		FROM inventories v FULL JOIN kept k ON k.member_id = v.member_id AND k.item_id = v.item_id
		WHERE coalesce(v.owned + v.used, 0) <> coalesce(k.units, 0) OR v.owned < 0
		UNION ALL
		SELECT coalesce(u.subject, 'item:' || v.item_id) || ' used by member ' || coalesce(v.member_id, u.actor_id)
		FROM (SELECT * FROM inventories WHERE used <> 0) v FULL JOIN used u ON u.actor_id = v.member_id AND u.subject = 'item:' || v.item_id
		WHERE coalesce(v.used, 0) <> coalesce(u.units, 0)
		UNION ALL
		SELECT 'item ' || i.id FROM items i LEFT JOIN (SELECT item_id, sum(units) AS units FROM kept GROUP BY item_id) k ON k.item_id = i.id
		WHERE i.sold <> coalesce(k.units, 0) OR i.stock < 0
		UNION ALL
		SELECT 'item ' || i.id FROM items i JOIN told ON told.item = i.id AND told.age = 1
		LEFT JOIN moves m ON m.item_id = i.id AND m.id > told.id
		GROUP BY i.id HAVING i.stock IS NOT CASE WHEN told.after ->> '$.stock.limited'
			THEN (told.after ->> '$.stock.left') + coalesce(sum(m.units), 0) END`,

	"purchases_paid": `
		WITH ` + purchaseTold + `
		SELECT 'purchase ' || p.id AS row FROM purchases p LEFT JOIN transactions t ON t.id = p.transaction_id
		LEFT JOIN entries e ON e.transaction_id = t.id AND e.account_id = p.member_id LEFT JOIN items i ON i.id = p.item_id
		WHERE t.kind IS NOT 'purchase' OR t.guild_id <> p.guild_id OR i.guild_id IS NOT p.guild_id OR t.actor_id IS NOT p.member_id
			OR e.amount IS NOT -p.price * p.quantity OR t.created_at <> p.created_at
			OR (SELECT count(*) FROM purchases x WHERE x.transaction_id = p.transaction_id) > 1
		UNION ALL
		SELECT 'transaction ' || t.id FROM transactions t LEFT JOIN purchases p ON p.transaction_id = t.id
		WHERE t.kind = 'purchase' AND p.id IS NULL
		UNION ALL
		SELECT 'purchase ' || p.id FROM deals d JOIN purchases p ON p.id = d.purchase
		WHERE d.item ->> '$.terms.price' IS NOT p.price OR d.item ->> '$.terms.name' IS NOT p.name OR d.item ->> '$.archived' IS NOT 0`,

	"refunds_once": `
		SELECT 'transaction ' || t.id AS row FROM transactions t LEFT JOIN purchases p ON p.refund_id = t.id
		WHERE t.kind = 'refund' GROUP BY t.id HAVING count(p.id) <> 1 OR t.reverses IS NOT max(p.transaction_id)
		UNION ALL
		SELECT 'purchase ' || p.id FROM purchases p LEFT JOIN transactions t ON t.id = p.refund_id
		WHERE p.refund_id IS NOT NULL AND t.kind IS NOT 'refund'`,

	"entitlements_fit": `
		WITH ` + purchaseTold + `
		SELECT 'purchase ' || p.id AS row FROM deals d JOIN purchases p ON p.id = d.purchase LEFT JOIN entitlements e ON e.purchase_id = p.id
		WHERE d.item ->> '$.terms.role' IS NOT coalesce(e.role_id, '')
			OR (d.item ->> '$.terms.role_hours' = 0) <> (e.until_at IS NULL) AND e.role_id IS NOT NULL
			OR e.until_at < p.created_at
			OR e.until_at <> 253402300799999999 AND ` + roleBegins + ` <> p.created_at -- else when another's ends
				AND NOT EXISTS (SELECT 1 FROM purchases y JOIN entitlements o ON o.purchase_id = y.id
					WHERE y.member_id = p.member_id AND y.id < p.id AND o.role_id = e.role_id AND o.until_at = ` + roleBegins + `)
		UNION ALL
		SELECT 'purchase ' || e.purchase_id FROM entitlements e JOIN purchases p ON p.id = e.purchase_id
		WHERE e.member_id <> p.member_id OR e.ended_at IS NULL AND p.refund_id IS NOT NULL`,

	"roles_delivered": `
		SELECT 'purchase ' || e.purchase_id AS row FROM entitlements e WHERE e.ended_at IS NULL AND NOT e.granted
			AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.kind = 'role' AND d.state = 'waiting'
				AND d.member_id = e.member_id AND d.role_id = e.role_id)`,
}
