package postgrest

import (
	"context"
	"errors"
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
	connect := func() *pgx.Conn {
		c := must[*pgx.Conn](t)(pgx.Connect(t.Context(), p.DatabaseURL()))
		t.Cleanup(func() { _ = c.Close(context.Background()) })
		return c
	}
	eraser, waiter := connect(), connect()
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
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		var waiting bool
		if err := p.admin.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		if waiting {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody waits")
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	var refused *pgconn.PgError
	if err := <-entered; !errors.As(err, &refused) || refused.Code != "40001" {
		t.Errorf("it went on: %v", err)
	}
}
