package postgrest

import (
	_ "embed"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"coffer/internal/economy"
	"coffer/internal/supabasetest"
)

//go:embed testdata/guild.sql
var guildSQL string

// soaking has the measurements made in full: at a million members.
var soaking = os.Getenv("COFFER_SOAK") != ""

var (
	founded = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	// today is the day after the last that is in a guild's books.
	today   = founded.AddDate(0, 0, 5).Add(12 * time.Hour)
	founder = economy.Person{User: "1", Name: "Founder"}
)

// guild is one that was filled, in its project.
type guild struct {
	name               string
	project            *project
	store              *Store
	id                 economy.GuildID
	size               int
	rich, middle, poor economy.Person
	deep               economy.TransactionID // in the middle of the rich member's history
	lastEvent          int64
	actors             []int64 // of the rich, the middle and the poor
	requests           int
	turn               atomic.Int64 // of the members who claim
}

// newGuild has the store make a guild that is then filled.
func newGuild(t *testing.T, name string, p *project, s *Store, id economy.GuildID, size int) *guild {
	t.Helper()
	rules := economy.DefaultSettings()
	rules.StartingBalance = 100_000
	request := economy.Request{Guild: id, Source: economy.FromSystem, Key: "found", At: founded}
	change := must[economy.SettingsChange](t)(economy.NewSettingsChange(request, founder, rules))
	must[economy.Settings](t)(s.ChangeSettings(t.Context(), change))
	return &guild{name: name, project: p, store: s, id: id, size: size}
}

// fill gives guilds of one project their members and entries.
func fill(t *testing.T, p *project, guilds ...*guild) {
	t.Helper()
	start := time.Now()
	p.exec(t, "SET work_mem = '1GB'; SET maintenance_work_mem = '1GB'; SET client_min_messages = error")
	p.exec(t, guildSQL)
	p.exec(t, "SELECT pg_temp.strip()")
	entries := 0
	for _, g := range guilds {
		p.exec(t, fmt.Sprintf("SELECT pg_temp.fill('%s', %d)", g.id, g.size))
		entries += 10 * g.size
	}
	p.exec(t, "SELECT pg_temp.dress()")
	p.exec(t, "VACUUM (ANALYZE)")
	p.exec(t, "RESET ALL")
	var bytes int64
	if err := p.admin.QueryRow(t.Context(), "SELECT pg_database_size(current_database())").Scan(&bytes); err != nil {
		t.Fatal(err)
	}
	t.Logf("filled %d guilds with %d entries in %s: %d MB", len(guilds), entries, time.Since(start).Round(time.Millisecond), bytes>>20)
	for _, g := range guilds {
		g.look(t)
	}
}

// look finds whom and what measurements are about.
func (g *guild) look(t *testing.T) {
	t.Helper()
	place := func(skip int) economy.Person {
		rows, err := g.project.admin.Query(t.Context(), `SELECT user_id, name FROM coffer.members
			WHERE guild_id = $1 ORDER BY balance DESC, id LIMIT 1 OFFSET $2`, g.id, skip)
		if err != nil {
			t.Fatal(err)
		}
		return must[economy.Person](t)(pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (p economy.Person, err error) {
			return p, row.Scan(&p.User, &p.Name)
		}))
	}
	g.rich, g.middle, g.poor = place(0), place(g.size/2), place(g.size)
	if err := g.project.admin.QueryRow(t.Context(), `SELECT (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY e.transaction_id)
			FROM coffer.entries e JOIN coffer.members m ON m.id = e.account_id WHERE m.guild_id = $1 AND m.user_id = $2),
			(SELECT max(id) FROM coffer.events WHERE guild_id = $1)`, g.id, g.rich.User).Scan(&g.deep, &g.lastEvent); err != nil {
		t.Fatal(err)
	}
	for _, p := range []economy.Person{g.rich, g.middle, g.poor} {
		var id int64
		if err := g.project.admin.QueryRow(t.Context(), "SELECT id FROM coffer.members WHERE guild_id = $1 AND user_id = $2", g.id, p.User).Scan(&id); err != nil {
			t.Fatal(err)
		}
		g.actors = append(g.actors, id)
	}
}

// person is one of the guild's members by number, from 1 to its size.
func (g *guild) person(n int) economy.Person {
	return economy.Person{User: economy.UserID(fmt.Sprint(100_000_000_000_000_000 + n)), Name: fmt.Sprintf("Member %d", n)}
}

// next is a member who has not claimed today, far from the one before.
func (g *guild) next() economy.Person {
	return g.person(int(g.turn.Add(1))*7919%g.size + 1)
}

// request is a fresh one.
func (g *guild) request() economy.Request {
	g.requests++
	return economy.Request{Guild: g.id, Source: economy.FromDiscord, Key: fmt.Sprint("now-", g.requests), At: today}
}

// newScaledProject is a project for measurements, and a store on it.
func newScaledProject(t *testing.T, with ...supabasetest.Option) (*project, *Store) {
	t.Helper()
	p := newProject(t, with...)
	return p, p.store(t)
}
