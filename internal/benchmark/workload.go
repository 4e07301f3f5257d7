package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
	"coffer/internal/sqlite"
)

const (
	applicationID = "1180000000000000001"
	guildID       = "1180000000000000100"
	firstUser     = 1180000000000000000
)

// workload makes requests of one kind, each with an id of its own.
type workload struct {
	name string
	next func() []byte
}

// ids are snowflakes of this moment.
var ids = uint64(time.Now().UnixMilli()-1420070400000) << 22

func nextID() string { ids++; return strconv.FormatUint(ids, 10) }

func ping(int) []byte {
	return encode(map[string]any{"id": nextID(), "application_id": applicationID, "type": 1, "token": token, "version": 1,
		"user": user(0), "entitlements": []any{}, "authorizing_integration_owners": map[string]any{}, "app_permissions": "0", "padding": padding})
}

var (
	token   = string(make([]byte, 0)) + "aW50ZXJhY3Rpb246MTE4MDAwMDAwMDAwMDAwMDAwMTpBYkNkRWZHaElqS2xNbk9wUXJTdFV2V3hZejAxMjM0NTY3ODlBYkNkRWZHaElqS2xNbk9wUXJTdFV2V3hZejAxMjM0NTY3ODlBYkNkRWZHaElqS2xNbk9wUXJTdFV2"
	padding = string(make([]byte, 0)) // a PING of Discord's is small
)

func user(n int) map[string]any {
	return map[string]any{"id": strconv.Itoa(firstUser + n), "username": "member" + strconv.Itoa(n), "global_name": "Member " + strconv.Itoa(n),
		"avatar": "8342729096ea3675442027381ff50dfe", "avatar_decoration_data": nil, "clan": nil, "collectibles": nil,
		"discriminator": "0", "display_name_styles": nil, "primary_guild": nil, "public_flags": 64}
}

// command is a slash command in the size that Discord sends.
func command(who int, name string, resolved map[string]any, options ...map[string]any) []byte {
	data := map[string]any{"id": "1180000000000000900", "name": name, "type": 1}
	if len(options) > 0 {
		data["options"] = options
	}
	if resolved != nil {
		data["resolved"] = resolved
	}
	return encode(interaction(2, who, data))
}

// component is a press of a button.
func component(who int, customID string) []byte {
	press := interaction(3, who, map[string]any{"component_type": 2, "custom_id": customID})
	press["message"] = map[string]any{"id": "1180000000000000998", "channel_id": "1180000000000000201", "type": 20, "content": "", "flags": 0}
	return encode(press)
}

// interaction is what all have in common.
func interaction(kind, who int, data map[string]any) map[string]any {
	return map[string]any{
		"id": nextID(), "application_id": applicationID, "type": kind, "token": token, "version": 1,
		"app_permissions": "2248473465835073", "attachment_size_limit": 524288000, "context": 0, "entitlements": []any{},
		"authorizing_integration_owners": map[string]any{"0": guildID}, "locale": "en-US", "guild_locale": "en-US", "guild_id": guildID,
		"guild":      map[string]any{"id": guildID, "locale": "en-US", "features": []string{"COMMUNITY", "NEWS", "SOUNDBOARD"}},
		"channel_id": "1180000000000000201",
		"channel": map[string]any{"id": "1180000000000000201", "guild_id": guildID, "name": "general", "type": 0, "position": 0, "flags": 0,
			"last_message_id": "1180000000000000999", "nsfw": false, "parent_id": nil, "permissions": "2251799813685247",
			"rate_limit_per_user": 0, "topic": nil, "icon_emoji": nil, "theme_color": nil},
		"member": map[string]any{"user": user(who), "nick": nil, "roles": []string{"1180000000000000303"}, "permissions": "2248473465835073",
			"joined_at": "2025-01-06T09:30:00.123000+00:00", "avatar": nil, "banner": nil, "communication_disabled_until": nil,
			"deaf": false, "mute": false, "flags": 0, "pending": false, "premium_since": nil, "unusual_dm_activity_until": nil},
		"data": data,
	}
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // of our own maps
	}
	return b
}

// workloads are what is measured in a guild of so many members.
func workloads(members int) []workload {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same load each time
	anybody := func() int { return random.IntN(members) }
	return []workload{
		{"PING", func() []byte { return ping(0) }},
		{"/balance", func() []byte { return command(anybody(), "balance", nil) }},
		{"/leaderboard", func() []byte { return command(anybody(), "leaderboard", nil) }},
		{"/history", func() []byte { return command(anybody(), "history", nil) }},
		{"/pay", func() []byte {
			from := anybody()
			to := (from + 1 + random.IntN(members-1)) % members
			other := user(to)
			return command(from, "pay", map[string]any{
				"users":   map[string]any{other["id"].(string): other},
				"members": map[string]any{other["id"].(string): map[string]any{"roles": []string{}, "permissions": "0", "joined_at": "2025-01-06T09:30:00.123000+00:00"}},
			}, map[string]any{"type": 6, "name": "member", "value": other["id"]}, map[string]any{"type": 3, "name": "amount", "value": "1"})
		}},
		{"/buy", func() []byte {
			return command(anybody(), "buy", nil, map[string]any{"type": 3, "name": "item", "value": strconv.Itoa(theItem)})
		}},
		{"/buy, confirmed", func() []byte { return confirmation(anybody()) }},
		dailyWorkload(members),
	}
}

// theItem is the one that the guild sells, at the price of one coin.
const theItem = 1

// confirmation is a press of the button that /buy has drawn for somebody.
func confirmation(who int) []byte {
	id := strconv.Itoa(firstUser + who)
	return component(who, "confirm:"+id+":"+nextID()+":"+strconv.Itoa(theItem)+":1:1")
}

// newcomers counts who has claimed: each claim is by somebody new, since
// members claim once a day.
var newcomers int

func dailyWorkload(members int) workload {
	return workload{"/daily (newcomer)", func() []byte {
		newcomers++
		return command(members+newcomers, "daily", nil)
	}}
}

// fill makes a guild whose members have each got an opening balance, by SQL,
// because a million operations would take long. Its events tell no balances, so
// an audit would not pass.
func fill(ctx context.Context, path string, members int) (err error) {
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)&_pragma=cache_size(-200000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		`INSERT INTO guilds (id, currency_name, currency_symbol, starting_balance, daily_amount, streak_bonus, streak_cap, grace,
			time_zone, max_balance, admin_channel, task_channel, review_channel, welcome_channel, reviewer_role, admin_role, created_at, members)
			VALUES (?1, 'coins', '🪙', 100, 100, 10, 10, 1, 'UTC', 1000000000000000, '', '', '', '', '', '', 0, ?2)`,
		`INSERT INTO accounts (id, guild_id, system) VALUES (1, ?1, 'mint'), (2, ?1, 'shop'), (3, ?1, 'burn')`,
		`CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ?2) SELECT i FROM c`,
		`INSERT INTO accounts (id, guild_id) SELECT i + 10, ?1 FROM n`,
		`INSERT INTO members (id, guild_id, user_id, name, balance, created_at)
			SELECT i + 10, ?1, CAST(1180000000000000000 + i AS TEXT), 'Member ' || i, 100 + (i * 7919) % 100000, 0 FROM n`,
		`INSERT INTO transactions (id, guild_id, kind, created_at) SELECT i + 1, ?1, 'opening', 0 FROM n`,
		`INSERT INTO entries (account_id, transaction_id, amount) SELECT 1, i + 1, -(100 + (i * 7919) % 100000) FROM n`,
		`INSERT INTO entries (account_id, transaction_id, amount, balance)
			SELECT i + 10, i + 1, 100 + (i * 7919) % 100000, 100 + (i * 7919) % 100000 FROM n`,
		`INSERT INTO events (guild_id, kind, subject, transaction_id, at)
			SELECT ?1, 'opening', 'transaction:' || (i + 1), i + 1, 0 FROM n`,
	} {
		if _, err := tx.ExecContext(ctx, statement, guildID, members); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return stock(ctx, path)
}

// stock gives the guild its item.
func stock(ctx context.Context, path string) (err error) {
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return sell(ctx, store)
}

// sell puts the item on sale.
func sell(ctx context.Context, store shop.Store) error {
	creation, err := shop.NewItemCreation(economy.Request{Guild: guildID, Source: economy.FromSystem, Key: "benchmark", At: time.Now()},
		economy.Person{User: economy.UserID(strconv.Itoa(firstUser)), Name: "Member 0"}, shop.Terms{Name: "Biscuit", Price: 1}, shop.Stock{})
	if err != nil {
		return err
	}
	item, err := store.CreateItem(ctx, creation)
	if err == nil && item.ID != theItem {
		err = fmt.Errorf("the item has number %d", item.ID)
	}
	return err
}
