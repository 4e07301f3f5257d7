package postgrest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// TestWhoIsMetAnewWhileSomebodyWaitsIsNotTakenForHimself: a write waits for a member who
// is erased and, before it goes on, met anew by another. It must not go on with an
// account that it has not locked.
func TestWhoIsMetAnewWhileSomebodyWaitsIsNotTakenForHimself(t *testing.T) {
	p := newProject(t)
	const request = `ROW('1', 'discord', 'key', 'print', now())::coffer.request`
	const ada = `jsonb_populate_record(NULL::coffer.person, '{"user": "7", "name": "Ada", "folded": "ada", "admin": 0}')`
	p.exec(t, `SELECT coffer.meet('1', now(), `+ada+`)`)
	eraser, waiter := p.connect(t), p.connect(t)
	tx := must[pgx.Tx](t)(eraser.Begin(t.Context()))
	for _, step := range []string{
		`SELECT FROM coffer.members WHERE user_id = '7' FOR NO KEY UPDATE`,
		`UPDATE coffer.members SET user_id = NULL, name = NULL, folded = '' WHERE user_id = '7'`,
		`SELECT coffer.meet('1', now(), ` + ada + `)`,
	} {
		if _, err := tx.Exec(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	entered := make(chan error, 1)
	go func() {
		_, err := waiter.Exec(context.WithoutCancel(t.Context()), `SELECT coffer.enter(`+request+`, ARRAY[`+ada+`])`)
		entered <- err
	}()
	p.waiting(t, 1)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	var refused *pgconn.PgError
	if err := <-entered; !errors.As(err, &refused) || refused.Code != "40001" {
		t.Errorf("it went on: %v", err)
	}
}

// TestAnErasureAndFirstContactWaitInOneOrder: whoever is new holds the guild and waits for
// whom he pays, so an erasure must not hold that member and wait for the guild.
func TestAnErasureAndFirstContactWaitInOneOrder(t *testing.T) {
	p := newProject(t)
	const request = `jsonb_build_object('guild', '1', 'source', 'discord', 'key', '%[1]s', 'fingerprint', '', 'at', now())`
	const desk = `'{"user": "", "name": "Desk", "folded": "desk", "admin": 7}'::jsonb` // known, or the guild were locked to create it
	for n, order := range [][]string{{"erase", "pay"}, {"pay", "erase"}} {
		payer, payee := 100+n, 200+n
		person := func(user int) string {
			return fmt.Sprintf(`'{"user": "%d", "name": "N", "folded": "n", "admin": 0}'::jsonb`, user)
		}
		p.exec(t, `SELECT coffer.meet('1', now(), jsonb_populate_record(NULL::coffer.person, `+person(payee)+`),
			jsonb_populate_record(NULL::coffer.person, `+desk+`))`)
		var id int64
		if err := p.admin.QueryRow(t.Context(), `SELECT id FROM coffer.members WHERE user_id = $1`, fmt.Sprint(payee)).Scan(&id); err != nil {
			t.Fatal(err)
		}
		calls := map[string]string{
			"erase": fmt.Sprintf(`SELECT public.coffer_erase(`+request+`, `+desk+`, %[2]d)`, fmt.Sprint("e", n), id),
			"pay":   fmt.Sprintf(`SELECT public.coffer_transfer(`+request+`, %[2]s, %[3]s, 'exact', 1, '')`, fmt.Sprint("p", n), person(payer), person(payee)),
		}
		tx := must[pgx.Tx](t)(p.connect(t).Begin(t.Context()))
		if _, err := tx.Exec(t.Context(), `SELECT FROM coffer.members WHERE id = $1 FOR NO KEY UPDATE`, id); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, len(order))
		for i, name := range order {
			c := p.connect(t)
			go func() {
				_, err := c.Exec(context.WithoutCancel(t.Context()), calls[name])
				done <- err
			}()
			p.waiting(t, i+1)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range order {
			if err := <-done; err != nil {
				t.Errorf("%v: %v", order, err)
			}
		}
		var left bool
		if err := p.admin.QueryRow(t.Context(), `SELECT user_id IS NOT NULL FROM coffer.members WHERE id = $1`, id).Scan(&left); err != nil || left {
			t.Errorf("%v: he is there: %v, %v", order, left, err)
		}
	}
}

// connect returns a connection of the tables' owner.
func (p *project) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	c := must[*pgx.Conn](t)(pgx.Connect(t.Context(), p.DatabaseURL()))
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// waiting returns when as many wait for locks in the database.
func (p *project) waiting(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		var waiting int
		if err := p.admin.QueryRow(t.Context(), `SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		if waiting >= want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d wait, want %d", waiting, want)
		}
	}
}
