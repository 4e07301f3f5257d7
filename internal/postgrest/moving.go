package postgrest

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"coffer/internal/economy"
	"coffer/internal/moving"
	"coffer/internal/tasks"
)

// What moves goes through Postgres itself: many requests to PostgREST are neither one
// snapshot nor one transaction.

var (
	// ErrNotEmpty means that there is something where an installation is to move in.
	ErrNotEmpty = errors.New("the database is not empty")

	// ErrInUse means that somebody else writes to the database at this moment.
	ErrInUse = errors.New("somebody else uses the database")

	// ErrUncertain means that the connection was lost during the commit, which may have
	// happened all the same.
	ErrUncertain = errors.New("the connection was lost during the commit")
)

// movedTables say where the kinds are.
var movedTables = map[string]moving.Table{
	"guilds":       {Name: "coffer.guilds", Order: "id"},
	"accounts":     {Name: "coffer.accounts", Order: "id"},
	"members":      {Name: "coffer.members", Order: "id"},
	"transactions": {Name: "coffer.transactions", Order: "id"},
	"entries":      {Name: "coffer.entries", Order: "account_id, transaction_id"},
	"events":       {Name: "coffer.events", Order: "guild_id, id"},
	"items":        {Name: "coffer.items", Order: "id"},
	"purchases": {
		Name: "coffer.purchases", Order: "id", Column: map[string]string{"price": ""},
		Read: map[string]string{"price": "x.total / x.quantity"},
	},
	"inventories": {
		Name: "coffer.inventory", Order: "member_id, item_id", Column: map[string]string{"owned": "quantity", "used": ""},
		Read: map[string]string{"used": "(SELECT count(*) FROM coffer.uses u WHERE u.member_id = x.member_id AND u.item_id = x.item_id)"},
	},
	"entitlements": {Name: "coffer.entitlements", Order: "purchase_id"},
	"tasks":        {Name: "coffer.tasks", Order: "id", Column: map[string]string{"prerequisite": ""}, Read: map[string]string{"prerequisite": "x.prerequisite"}},
	"claims": {
		Name: "coffer.claims", Order: "id", Column: map[string]string{"ends": ""},
		Read: map[string]string{"ends": "nullif(x.ends, 'infinity')"},
	},
	"submissions": {
		Name: "coffer.submissions", Order: "id",
		Column: map[string]string{
			"text": "", "image": "", "image_name": "", "image_type": "", "image_size": "", "image_expires": "", "transaction_id": "",
		},
		Read: map[string]string{
			"text": "coalesce(x.words, '')", "image": "coalesce(x.image ->> 'url', '')", "image_name": "coalesce(x.image ->> 'name', '')",
			"image_type": "coalesce(x.image ->> 'type', '')", "image_size": "coalesce((x.image ->> 'size')::bigint, 0)",
			"image_expires":  "(x.image ->> 'expires')::timestamptz",
			"transaction_id": "(SELECT c.transaction_id FROM coffer.claims c WHERE c.id = x.claim_id AND x.state = 'accepted')",
		},
	},
	"cards":      {Name: "coffer.cards", Order: "guild_id, subject"},
	"deliveries": {Name: "coffer.deliveries", Order: "id"},
	"admins": {
		Name: "coffer.admins", Order: "id", Column: map[string]string{"guilds": ""},
		Read: map[string]string{"guilds": "to_jsonb(x.guilds)"},
	},
	"admin_changes": {Name: "coffer.admin_changes", Order: "id"},
	"requests":      {Name: "coffer.requests", Order: "guild_id, operation, source, key"},
	moving.Counters: {
		Name: `(SELECT c.name, coalesce(s.last_value, 0) AS last FROM unnest(ARRAY['` + strings.Join(moving.Counted, "', '") + `']) c(name)
			LEFT JOIN pg_sequences s ON s.schemaname = 'coffer' AND s.sequencename = c.name || '_id_seq')`, Order: "name",
	},
}

// extraColumns are what this store keeps of a row beside or instead of its fields.
var extraColumns = map[string]struct {
	columns []string
	values  func(of func(field string) any) ([]any, error)
}{
	// Before all rounds of this database, in the order of their ids: whoever has followed
	// them in a store that has no rounds goes on from where he was.
	"events": {[]string{"round"}, func(func(string) any) ([]any, error) { return []any{int64(0)}, nil }},
	"purchases": {[]string{"total"}, func(of func(string) any) ([]any, error) {
		// A negative one is a very large one here.
		high, total := bits.Mul64(uint64(of("price").(int64)), uint64(of("quantity").(int64)))
		if high > 0 || total > 1<<62 {
			return nil, errors.New("price and quantity are out of range")
		}
		return []any{int64(total)}, nil
	}},
	"tasks": {[]string{"answer_folded"}, func(of func(string) any) ([]any, error) {
		return []any{economy.Fold(of("answer").(string))}, nil
	}},
	"claims": {[]string{"ends"}, func(of func(string) any) ([]any, error) {
		if ends := of("ends"); ends != nil {
			return []any{ends}, nil
		}
		return []any{"infinity"}, nil
	}},
	"submissions": {[]string{"words", "image"}, func(of func(string) any) ([]any, error) {
		words, image := any(nil), any(nil)
		if text := of("text").(string); text != "" {
			words = text
		}
		if url := of("image").(string); url != "" {
			shown := tasks.Image{
				URL: url, Name: of("image_name").(string), Type: of("image_type").(string), Size: of("image_size").(int64),
			}
			if expires, ok := of("image_expires").(time.Time); ok {
				shown.Expires = expires
			}
			b, err := json.Marshal(shown)
			if err != nil {
				return nil, err
			}
			image = json.RawMessage(b)
		}
		return []any{words, image}, nil
	}},
	"admins": {[]string{"guilds"}, func(of func(string) any) ([]any, error) {
		var guilds []string
		if err := json.Unmarshal(of("guilds").(json.RawMessage), &guilds); err != nil {
			return nil, errors.New("guilds are no list of ids")
		}
		for i, id := range guilds {
			guilds[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(id) + `"`
		}
		return []any{"{" + strings.Join(guilds, ",") + "}"}, nil
	}},
}

// Tables that are not moved: those that are filled from others, here or by upkeep, and
// those of who is signed in.
var (
	derivedTables = []string{"coffer.uses", "coffer.rank_steps", "coffer.days", "coffer.tallies", "coffer.tops"}
	leftTables    = []string{"coffer.sessions", "coffer.login_tries", "coffer.leases"}
)

// Export reads everything from one snapshot of the database behind a connection string,
// beside running servers, and returns what those did meanwhile. Errors: ErrSchema.
func Export(ctx context.Context, databaseURL string, read func(moving.Source) error) (traffic moving.Traffic, err error) {
	conn, err := dial(ctx, databaseURL)
	if err != nil {
		return traffic, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var events int64
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := prepareToMove(ctx, tx); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM coffer.events),
			(SELECT count(*) FROM coffer.deliveries WHERE leased AND due > clock_timestamp())`).Scan(&events, &traffic.Leases); err != nil {
			return err
		}
		return read(&departing{ctx: ctx, tx: tx})
	})
	if err != nil {
		return traffic, reason(err)
	}
	err = conn.QueryRow(ctx, "SELECT count(*) - $1 FROM coffer.events", events).Scan(&traffic.Events)
	return traffic, err
}

// prepareToMove lets a transaction take its time, and sees that the tables are those of
// this program.
func prepareToMove(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
		SET LOCAL lock_timeout = '3s'; SET LOCAL timezone = 'UTC'`); err != nil {
		return err
	}
	var known bool
	if err := tx.QueryRow(ctx, "SELECT to_regprocedure('public.coffer_schema()') IS NOT NULL").Scan(&known); err != nil {
		return err
	}
	if !known {
		return fmt.Errorf("%w (it has none of its tables)", ErrSchema)
	}
	var database string
	if err := tx.QueryRow(ctx, "SELECT public.coffer_schema()").Scan(&database); err != nil {
		return err
	}
	switch program := newestMigration(); {
	case database < program:
		return fmt.Errorf("%w (it is at %s, the program at %s)", ErrSchema, database, program)
	case database > program:
		return fmt.Errorf("the database is newer than this program (it is at %s, the program at %s): use the newer program", database, program)
	}
	return nil
}

// departing is a moving.Source.
type departing struct {
	ctx   context.Context
	tx    pgx.Tx
	zones economy.Zones
}

func (d *departing) Count(k moving.Kind) (n int64, err error) {
	err = d.tx.QueryRow(d.ctx, "SELECT count(*) FROM "+movedTables[k.Name].Name+" x").Scan(&n)
	return n, err
}

func (d *departing) Each(k moving.Kind, yield func(moving.Row) error) error {
	rows, err := d.tx.Query(d.ctx, movedTables[k.Name].Select(k))
	if err != nil {
		return err
	}
	defer rows.Close()
	into := make([]any, len(k.Fields))
	for i, f := range k.Fields {
		switch f.Type {
		case moving.Text, moving.JSON:
			into[i] = new(sql.NullString)
		case moving.Int:
			into[i] = new(sql.NullInt64)
		case moving.Bool:
			into[i] = new(sql.NullBool)
		case moving.Time:
			into[i] = new(sql.NullTime)
		}
	}
	row := make(moving.Row, len(into))
	for rows.Next() {
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
				if v.Valid {
					row[i] = v.Int64
				}
			case *sql.NullBool:
				if v.Valid {
					row[i] = v.Bool
				}
			case *sql.NullTime:
				if v.Valid {
					row[i] = v.Time.UTC()
				}
			}
		}
		if k.Name == "requests" && k.Of(row, "operation") == "daily" {
			last := len(row) - 2 // its result
			if row[last], err = d.daily(row[last].(json.RawMessage)); err != nil {
				return err
			}
		}
		if err := yield(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// daily returns the result of a daily claim with the time of the next one, which
// elsewhere is kept, and here follows from the day and the zone.
func (d *departing) daily(result json.RawMessage) (json.RawMessage, error) {
	var paid dailyResult
	if err := json.Unmarshal(result, &paid); err != nil {
		return nil, err
	}
	receipt, err := paid.receipt(&d.zones)
	if err != nil {
		return nil, err
	}
	return json.Marshal(receipt)
}

// Import has fill put everything into the database behind a connection string, and
// audits it. It is one transaction: if anything fails, or the books are broken, the
// database stays as empty as it was. Until it ends nobody else can write.
// Errors: ErrNotEmpty, ErrInUse, ErrSchema, ErrUncertain.
func Import(ctx context.Context, databaseURL string, fill func(moving.Target) error) (audit economy.Audit, err error) {
	conn, err := dial(ctx, databaseURL)
	if err != nil {
		return audit, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	filled := false
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := prepareToMove(ctx, tx); err != nil {
			return err
		}
		if err := claimEmpty(ctx, tx); err != nil {
			return err
		}
		a := arriving{ctx: ctx, conn: conn.PgConn(), counters: map[string]int64{}, prerequisites: map[int64]int64{}}
		if err := fill(&a); err != nil {
			return err
		}
		audit, err = a.settle(tx)
		filled = err == nil
		return err
	})
	if err != nil && filled && conn.IsClosed() {
		return audit, fmt.Errorf("%w: %w", ErrUncertain, reason(err))
	}
	if err != nil {
		return audit, reason(err)
	}
	return audit, nil
}

// claimEmpty keeps everybody else from writing, and sees that nothing is there.
func claimEmpty(ctx context.Context, tx pgx.Tx) error {
	tables := filledTables()
	if _, err := tx.Exec(ctx, "LOCK TABLE "+strings.Join(tables, ", ")+" IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		if failed := new(pgconn.PgError); errors.As(err, &failed) && failed.Code == "55P03" {
			return ErrInUse
		}
		return err
	}
	for _, table := range tables {
		var some bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM "+table+")").Scan(&some); err != nil {
			return err
		}
		if some {
			return fmt.Errorf("%w: there are rows in %s", ErrNotEmpty, table)
		}
	}
	return nil
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

// portion is about how many bytes go to Postgres in one COPY.
const portion = 1 << 20

// arriving is a moving.Target. It collects rows of one kind, as COPY reads them.
type arriving struct {
	ctx           context.Context
	conn          *pgconn.PgConn
	kind          string
	columns       []string
	rows          []byte
	counters      map[string]int64
	prerequisites map[int64]int64 // by task; they may be behind it
}

func (a *arriving) Put(k moving.Kind, row moving.Row) error {
	if k.Name == moving.Counters {
		return a.count(k, row)
	}
	places, columns := movedTables[k.Name].Stored(k)
	extra, more := extraColumns[k.Name]
	if k.Name != a.kind {
		if err := a.flush(); err != nil {
			return err
		}
		a.kind, a.columns = k.Name, append(columns, extra.columns...)
	}
	values := make([]any, 0, len(a.columns))
	for _, place := range places {
		values = append(values, row[place])
	}
	if more {
		v, err := extra.values(func(field string) any { return k.Of(row, field) })
		if err != nil {
			return err
		}
		values = append(values, v...)
	}
	if k.Name == "tasks" {
		if before, ok := k.Of(row, "prerequisite").(int64); ok {
			a.prerequisites[k.Of(row, "id").(int64)] = before
		}
	}
	for i, v := range values {
		if i > 0 {
			a.rows = append(a.rows, '\t')
		}
		a.rows = appendCopied(a.rows, v)
	}
	if a.rows = append(a.rows, '\n'); len(a.rows) >= portion {
		return a.flush()
	}
	return nil
}

// flush sends what was collected.
func (a *arriving) flush() error {
	if len(a.rows) == 0 {
		return nil
	}
	quoted := make([]string, len(a.columns))
	for i, column := range a.columns {
		quoted[i] = pgx.Identifier{column}.Sanitize()
	}
	_, err := a.conn.CopyFrom(a.ctx, bytes.NewReader(a.rows),
		"COPY "+movedTables[a.kind].Name+" ("+strings.Join(quoted, ", ")+") FROM STDIN")
	a.rows = a.rows[:0]
	return err
}

// appendCopied adds a value in the text format of COPY.
func appendCopied(to []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(to, `\N`...)
	case string:
		return appendText(to, v)
	case json.RawMessage:
		return appendText(to, string(v))
	case int64:
		return strconv.AppendInt(to, v, 10)
	case bool:
		return strconv.AppendBool(to, v)
	case time.Time:
		return v.UTC().AppendFormat(to, time.RFC3339Nano)
	}
	panic(fmt.Sprintf("moving: no field holds a %T", v))
}

func appendText(to []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; c {
		case '\\':
			to = append(to, `\\`...)
		case '\n':
			to = append(to, `\n`...)
		case '\r':
			to = append(to, `\r`...)
		case '\t':
			to = append(to, `\t`...)
		default:
			to = append(to, c)
		}
	}
	return to
}

func (a *arriving) count(k moving.Kind, row moving.Row) error {
	name := k.Of(row, "name").(string)
	if !slices.Contains(moving.Counted, name) {
		return fmt.Errorf("nothing is counted as %q", name)
	}
	a.counters[name] = k.Of(row, "last").(int64)
	return nil
}

// settle does what is left when all rows are there, and audits the books.
func (a *arriving) settle(tx pgx.Tx) (audit economy.Audit, err error) {
	if err := a.flush(); err != nil {
		return audit, err
	}
	for task, before := range a.prerequisites {
		if _, err := tx.Exec(a.ctx, "UPDATE coffer.tasks SET prerequisite = $2 WHERE id = $1", task, before); err != nil {
			return audit, err
		}
	}
	if _, err := tx.Exec(a.ctx, `INSERT INTO coffer.uses (guild_id, member_id, item_id, used_at)
		SELECT e.guild_id, e.actor_id, substr(e.subject, length('item:') + 1)::bigint, e.at FROM coffer.events e
		WHERE e.kind = 'item.used' ORDER BY e.id`); err != nil {
		return audit, err
	}
	if _, err := tx.Exec(a.ctx, "ANALYZE "+strings.Join(filledTables(), ", ")); err != nil {
		return audit, err
	}
	if audit, err = auditIn(a.ctx, tx); err != nil {
		return audit, fmt.Errorf("audit: %w", err)
	}
	if broken, ok := audit.Broken(); ok {
		return audit, fmt.Errorf("the books in the file are broken: %s: %d rows, such as %s", broken.Name, broken.Broken, broken.Example)
	}
	// Last, because setting a sequence is not undone.
	for _, name := range slices.Sorted(maps.Keys(a.counters)) {
		if _, err := tx.Exec(a.ctx, `SELECT setval(s, greatest(highest, 1), highest > 0)
			FROM (SELECT pg_get_serial_sequence('coffer.' || $1, 'id')::regclass AS s,
				greatest($2, (SELECT coalesce(max(id), 0) FROM coffer.`+pgx.Identifier{name}.Sanitize()+`)) AS highest) x`,
			name, a.counters[name]); err != nil {
			return audit, err
		}
	}
	return audit, nil
}

// auditIn checks the books as a transaction sees them.
func auditIn(ctx context.Context, tx pgx.Tx) (audit economy.Audit, err error) {
	var answer []byte
	if err := tx.QueryRow(ctx, "SELECT public.coffer_audit($1::text[])::text", invariantNames()).Scan(&answer); err != nil {
		return audit, err
	}
	var found findings
	if err := json.Unmarshal(answer, &found); err != nil {
		return audit, err
	}
	return found.audit()
}
