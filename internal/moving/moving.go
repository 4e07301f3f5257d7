// Package moving is the form in which a whole installation leaves one store and enters
// another: its rows in one logical schema, and the file that carries them.
package moving

import (
	"fmt"
	"strings"
)

// Type is what a field holds.
type Type string

// The types of fields, and what holds them in a Row.
const (
	Text Type = "text" // string, valid UTF-8
	Int  Type = "int"  // int64
	Bool Type = "bool" // bool
	Time Type = "time" // time.Time in UTC, whole microseconds
	JSON Type = "json" // json.RawMessage, canonical
)

// Field is one value of a row.
type Field struct {
	Name string
	Type Type
	Null bool // may be nil
}

// Kind is a sort of rows. Rows have their fields in the order of Fields.
type Kind struct {
	Name   string
	Fields []Field
}

// Row holds the values of a Kind's fields; nil is null.
type Row []any

// Of returns the value of a field by its name.
func (k Kind) Of(row Row, name string) any {
	for i, f := range k.Fields {
		if f.Name == name {
			return row[i]
		}
	}
	panic("moving: " + k.Name + " have no " + name)
}

// Kinds are all that is moved, in the order in which rows travel: what a row refers to
// comes before it, but for the account that changed a guild's settings, and a task's
// prerequisite.
var Kinds = []Kind{
	kind("guilds", `id text, currency_name text, currency_symbol text, starting_balance int, daily_amount int, streak_bonus int,
		streak_cap int, grace int, time_zone text, max_balance int, admin_channel text, task_channel text, review_channel text,
		welcome_channel text, reviewer_role text, admin_role text, version int, changed_by int?, changed_at time?, members int, created_at time`),
	kind("accounts", `id int, guild_id text, system text?, admin_id int?, admin_name text?`),
	kind("members", `id int, guild_id text, user_id text?, name text?, folded text, balance int, streak int, last_daily int,
		created_at time`),
	kind("transactions", `id int, guild_id text, kind text, actor_id int?, note text?, reverses int?, created_at time`),
	kind("entries", `account_id int, transaction_id int, amount int, balance int?`),
	kind("events", `id int, guild_id text, actor_id int?, kind text, subject text, transaction_id int?, before json?, after json?,
		at time`),
	kind("items", `id int, guild_id text, name text, folded text, description text, category text, picture text, price int,
		member_limit int, required_role text, minimum_balance int, opens time?, closes time?, role text, role_hours int, usable bool,
		use_message text, stock int?, sold int, archived bool, version int, created_at time`),
	kind("purchases", `id int, guild_id text, member_id int, item_id int, name text, quantity int, price int, transaction_id int,
		refund_id int?, created_at time`),
	kind("inventories", `member_id int, item_id int, owned int, used int`),
	kind("entitlements", `purchase_id int, guild_id text, member_id int, role text, ends time?, granted bool, ended_at time?,
		held_since time`),
	kind("tasks", `id int, guild_id text, title text, folded text, description text, picture text, reward int, proof text,
		review text, answer text, places int, repeat text, deadline time?, claim_hours int, tries int, required_role text,
		prerequisite int?, state text, version int, taken int, created_at time`),
	kind("claims", `id int, guild_id text, task_id int, member_id int, state text, period int, reward int, spent int, tries int,
		ends time?, reason text, paid int, transaction_id int?, created_at time`),
	kind("submissions", `id int, guild_id text, claim_id int, task_id int, member_id int, try int, proof text, text text, image text,
		image_name text, image_type text, image_size int, image_expires time?, state text, reviewer_id int?, percent int, paid int,
		transaction_id int?, reason text, last bool, created_at time, reviewed_at time?`),
	kind("cards", `guild_id text, subject text, channel text, message text?`),
	kind("deliveries", `id int, guild_id text, kind text, state text, member_id int?, user_id text?, role text?, channel text?,
		subject text?, notice text?, args json?, attempts int, token int, leased bool, joined bool, due time, error text,
		created_at time, settled_at time?`),
	kind("admins", `id int, kind text, name text, discord_id text?, password_hash text?, token_hash text?, role text, guilds json,
		disabled bool, created_at time, created_by int?, last_used_at time?, expires_at time?, request text?, fingerprint text?`),
	kind("admin_changes", `id int, admin_id int, kind text, by_id int?, before json?, after json?, at time`),
	kind("requests", `guild_id text, operation text, source text, key text, fingerprint text, transaction_id int?, result json,
		created_at time`),
	kind(Counters, `name text, last int`),
}

// Counters is the kind that tells, of each of Counted, the highest number that was
// given: none is given again, also where its row is gone.
const Counters = "counters"

// Counted are the kinds whose rows are numbered by the store.
var Counted = []string{
	"accounts", "admin_changes", "admins", "claims", "deliveries", "events", "items", "purchases", "submissions", "tasks", "transactions",
}

func kind(name, fields string) Kind {
	k := Kind{Name: name}
	for field := range strings.SplitSeq(fields, ",") {
		var f Field
		if _, err := fmt.Sscan(field, &f.Name, &f.Type); err != nil {
			panic(err)
		}
		f.Type, f.Null = Type(strings.TrimSuffix(string(f.Type), "?")), strings.HasSuffix(string(f.Type), "?")
		k.Fields = append(k.Fields, f)
	}
	return k
}

// Source is a snapshot of a store.
type Source interface {
	// Count returns how many rows of a kind there are.
	Count(Kind) (int64, error)

	// Each calls yield with each row of a kind, in the order of its key, and ends at its
	// first error. The row is yield's only until it returns.
	Each(k Kind, yield func(Row) error) error
}

// Target takes rows: all of a kind together, kinds in the order of Kinds. The row is
// the target's only until Put returns.
type Target interface {
	Put(Kind, Row) error
}

// Traffic is what shows that a store was in use while it was read.
type Traffic struct {
	Leases int64 // deliveries that a server was trying
	Events int64 // that are newer than the snapshot
}

// Table says where a store keeps a kind.
type Table struct {
	Name   string            // of the table, or what stands for it after FROM
	Order  string            // its key
	Column map[string]string // of fields that are called otherwise; empty: it is not stored as such
	Read   map[string]string // how fields are read that are no columns; x is the table
}

// Select returns the query for all rows of the kind. JSON is read as text.
func (t Table) Select(k Kind) string {
	list := make([]string, len(k.Fields))
	for i, f := range k.Fields {
		read, ok := t.Read[f.Name]
		if !ok {
			read = "x." + t.column(f)
		}
		if f.Type == JSON {
			read = "CAST(" + read + " AS text)"
		}
		list[i] = read
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM " + t.Name + " x ORDER BY " + t.Order
}

// Stored returns the fields that have a column, by their places, and those columns.
func (t Table) Stored(k Kind) (places []int, columns []string) {
	for i, f := range k.Fields {
		if column := t.column(f); column != "" {
			places, columns = append(places, i), append(columns, column)
		}
	}
	return places, columns
}

func (t Table) column(f Field) string {
	if column, ok := t.Column[f.Name]; ok {
		return column
	}
	return f.Name
}
