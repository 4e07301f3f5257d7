package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/moving"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// ErrNotEmpty means that there is something where an installation is to move in.
var ErrNotEmpty = errors.New("the database is not empty")

// movedTables say where the kinds are.
var movedTables = map[string]moving.Table{
	"guilds":       {Name: "guilds", Order: "id"},
	"accounts":     {Name: "accounts", Order: "id"},
	"members":      {Name: "members", Order: "id"},
	"transactions": {Name: "transactions", Order: "id"},
	"entries":      {Name: "entries", Order: "account_id, transaction_id"},
	"events":       {Name: "events", Order: "guild_id, id"},
	"items":        {Name: "items", Order: "id", Column: map[string]string{"opens": "from_at", "closes": "until_at"}},
	"purchases":    {Name: "purchases", Order: "id"},
	"inventories":  {Name: "inventories", Order: "member_id, item_id"},
	"entitlements": {
		Name: "entitlements", Order: "purchase_id", Column: map[string]string{"guild_id": "", "role": "role_id", "ends": "until_at"},
		Read: map[string]string{"guild_id": "(SELECT p.guild_id FROM purchases p WHERE p.id = x.purchase_id)"},
	},
	"tasks": {Name: "tasks", Order: "id"},
	"claims": {
		Name: "claims", Order: "id",
		Column: map[string]string{"guild_id": "", "ends": "due", "reason": "", "paid": "", "transaction_id": ""},
		Read: map[string]string{
			"guild_id":       "(SELECT t.guild_id FROM tasks t WHERE t.id = x.task_id)",
			"reason":         "coalesce((SELECT s.reason FROM submissions s WHERE s.claim_id = x.id AND s.state = 'refused' ORDER BY s.try DESC LIMIT 1), '')",
			"paid":           "coalesce((SELECT s.paid FROM submissions s WHERE s.claim_id = x.id AND s.state = 'accepted'), 0)",
			"transaction_id": "(SELECT s.transaction_id FROM submissions s WHERE s.claim_id = x.id AND s.state = 'accepted')",
		},
	},
	"submissions": {
		Name: "submissions", Order: "id", Column: map[string]string{"last": ""},
		Read: map[string]string{"last": "x.state = 'refused' AND EXISTS (SELECT 1 FROM claims c WHERE c.id = x.claim_id AND c.state = 'failed' AND c.tries = x.try)"},
	},
	"cards":         {Name: "cards", Order: "guild_id, subject", Column: map[string]string{"channel": "channel_id"}},
	"deliveries":    {Name: "deliveries", Order: "id", Column: map[string]string{"role": "role_id", "channel": "channel_id"}},
	"admins":        {Name: "admins", Order: "id"},
	"admin_changes": {Name: "admin_changes", Order: "id"},
	"requests":      {Name: "requests", Order: "guild_id, operation, source, key"},
	moving.Counters: {
		Name: `(SELECT c.value AS name, coalesce(s.seq, 0) AS last FROM json_each('["` + strings.Join(moving.Counted, `","`) + `"]') c
			LEFT JOIN sqlite_sequence s ON s.name = c.value)`, Order: "name",
	},
}

// Tables that are not moved: those that upkeep fills again, those of who is signed in
// or at work, and what SQLite and goose keep for themselves.
var (
	derivedTables = []string{"rank_steps", "days", "tallies", "tops"}
	leftTables    = []string{"sessions", "login_tries", "leases", "goose_db_version"}
)

// Export reads everything from one snapshot, beside a running server, and returns what
// that did meanwhile.
func (s *Store) Export(ctx context.Context, read func(moving.Source) error) (moving.Traffic, error) {
	var traffic moving.Traffic
	var events int64
	if err := s.survey(ctx, func(t *tx) error {
		if err := t.row("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM deliveries WHERE leased AND due > ?)",
			[]any{s.clock().UnixMicro()}, &events, &traffic.Leases); err != nil {
			return err
		}
		return read(departing{t})
	}); err != nil {
		return traffic, err
	}
	err := s.query(ctx, func(t *tx) error {
		return t.row("SELECT count(*) - ? FROM events", []any{events}, &traffic.Events)
	})
	return traffic, err
}

// departing is a moving.Source.
type departing struct{ *tx }

func (d departing) Count(k moving.Kind) (n int64, err error) {
	return n, d.row("SELECT count(*) FROM "+movedTables[k.Name].Name, nil, &n)
}

func (d departing) Each(k moving.Kind, yield func(moving.Row) error) error {
	into := make([]any, len(k.Fields))
	for i, f := range k.Fields {
		switch f.Type {
		case moving.Text, moving.JSON:
			into[i] = new(sql.NullString)
		default:
			into[i] = new(sql.NullInt64)
		}
	}
	row := make(moving.Row, len(into))
	return d.each(movedTables[k.Name].Select(k), nil, func(rows *sql.Rows) error {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, f := range k.Fields {
			row[i] = nil
			switch v := into[i].(type) {
			case *sql.NullString:
				switch {
				case v.Valid && f.Type == moving.JSON:
					row[i] = json.RawMessage(v.String)
				case v.Valid:
					row[i] = v.String
				}
			case *sql.NullInt64:
				switch {
				case v.Valid && f.Type == moving.Time:
					row[i] = time.UnixMicro(v.Int64).UTC()
				case v.Valid && f.Type == moving.Bool:
					row[i] = v.Int64 != 0
				case v.Valid:
					row[i] = v.Int64
				}
			}
		}
		return yield(row)
	})
}

// Import has fill put everything into the database file, which is made if there is
// none, and audits it. It is one transaction: if anything fails, or the books are
// broken, the file stays as empty as it was. Errors: ErrNotEmpty, ErrSchema.
func Import(ctx context.Context, path string, fill func(moving.Target) error) (audit economy.Audit, err error) {
	db, err := open(path, "mode=rwc&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(67108864)")
	if err != nil {
		return audit, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// A file that is in use elsewhere, by an older program, must not be brought up to date
	// by somebody who has mistaken it for an empty one.
	if err := checkSchema(ctx, db); errors.Is(err, ErrOlder) {
		return audit, err
	}
	if err := migrate(ctx, db); err != nil {
		return audit, err
	}
	c, err := connect(ctx, db)
	if err != nil {
		return audit, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	frame := &tx{ctx: context.WithoutCancel(ctx), conn: c}
	// What the audit sorts may be larger than memory.
	for _, prepare := range []string{"PRAGMA temp_store = FILE", "BEGIN IMMEDIATE"} {
		if _, err := frame.exec(prepare); err != nil {
			return audit, unavailable(err)
		}
	}
	audit, err = moveIn(&tx{ctx: ctx, conn: c, snapshot: true}, fill)
	if err != nil {
		_, undo := frame.exec("ROLLBACK")
		return audit, errors.Join(err, undo)
	}
	_, err = frame.exec("COMMIT")
	return audit, err
}

func moveIn(t *tx, fill func(moving.Target) error) (audit economy.Audit, err error) {
	// Until the end of the transaction: a guild may come before the account that changed it.
	if _, err := t.exec("PRAGMA defer_foreign_keys = ON"); err != nil {
		return audit, err
	}
	for _, table := range filledTables() {
		var n int64
		if err := t.row("SELECT count(*) FROM (SELECT 1 FROM "+table+" LIMIT 1)", nil, &n); err != nil {
			return audit, err
		}
		if n > 0 {
			return audit, fmt.Errorf("%w: there are rows in %s", ErrNotEmpty, table)
		}
	}
	// Watching a context costs as much as inserting a row, so it is looked at instead.
	if err := fill(arriving{&tx{ctx: context.WithoutCancel(t.ctx), conn: t.conn}, t.ctx, map[string]string{}}); err != nil {
		return audit, err
	}
	if audit, err = t.audit(); err != nil {
		return audit, err
	}
	if broken, ok := audit.Broken(); ok {
		return audit, fmt.Errorf("the books in the file are broken: %s: %d rows, such as %s", broken.Name, broken.Broken, broken.Example)
	}
	return audit, nil
}

// filledTables are those that must be empty before somebody moves in.
func filledTables() []string {
	tables := slices.Clone(derivedTables)
	for name, table := range movedTables {
		if name != moving.Counters {
			tables = append(tables, table.Name)
		}
	}
	slices.Sort(tables)
	return tables
}

// arriving is a moving.Target.
type arriving struct {
	*tx
	until   context.Context
	inserts map[string]string // by kind
}

func (a arriving) Put(k moving.Kind, row moving.Row) error {
	if err := a.until.Err(); err != nil {
		return err
	}
	if k.Name == moving.Counters {
		return a.count(k, row)
	}
	places, columns := movedTables[k.Name].Stored(k)
	insert, ok := a.inserts[k.Name]
	if !ok {
		insert = "INSERT INTO " + movedTables[k.Name].Name + " (" + strings.Join(columns, ", ") + ") VALUES (?" +
			strings.Repeat(", ?", len(columns)-1) + ")"
		a.inserts[k.Name] = insert
	}
	args := make([]any, len(places))
	for i, place := range places {
		switch v := row[place].(type) {
		case time.Time:
			args[i] = v.UnixMicro()
		case json.RawMessage:
			args[i] = string(v)
			if k.Name == "events" {
				args[i] = asTold(k.Of(row, "kind").(string), v)
			}
		default:
			args[i] = v
		}
	}
	_, err := a.exec(insert, args...)
	return err
}

// count has numbers go on behind those that were given.
func (a arriving) count(k moving.Kind, row moving.Row) error {
	name, last := k.Of(row, "name"), k.Of(row, "last")
	if !slices.Contains(moving.Counted, name.(string)) {
		return fmt.Errorf("nothing is counted as %q", name)
	}
	if last.(int64) == 0 {
		return nil
	}
	result, err := a.exec("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1", name, last)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil {
		return err
	}
	_, err = a.exec("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", name, last)
	return err
}

// asTold returns what an event tells of something in the words of this store: what an
// event says was before is compared with what the one before it said, as text.
func asTold(kind string, document json.RawMessage) string {
	var v any
	subject, _, _ := strings.Cut(kind, ".")
	switch subject {
	case "guild", "settings":
		v = new(economy.Settings)
	case "item":
		v = new(shop.Item)
	case "task":
		v = new(tasks.Task)
	case "claim":
		v = new(doing)
	default:
		return string(document)
	}
	if json.Unmarshal(document, v) != nil {
		return string(document)
	}
	told, err := json.Marshal(v)
	if err != nil {
		return string(document)
	}
	if same, err := moving.Canonical(told); err != nil || string(same) != string(document) {
		return string(document)
	}
	return string(told)
}
