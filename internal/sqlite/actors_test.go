package sqlite

import (
	"database/sql"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"
)

// TestAnOlderFileLearnsOfAccounts brings a file that reviewers have worked in from the
// version before accounts of the dashboard.
func TestAnOlderFileLearnsOfAccounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "coffer.db")
	older := must[*sql.DB](t)(open(path, "mode=rwc"))
	p := must[*goose.Provider](t)(goose.NewProvider(goose.DialectSQLite3, older, must[fs.FS](t)(fs.Sub(migrations, "migrations"))))
	if _, err := p.UpTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{
		`INSERT INTO guilds VALUES ('1', 'coins', 'c', 0, 1, 0, 0, 0, 'UTC', 10, '', '', '', '', 0)`,
		`INSERT INTO accounts (guild_id, system) VALUES ('1', 'mint'), ('1', 'shop'), ('1', 'burn'), ('1', NULL)`,
		`INSERT INTO members (id, guild_id, user_id, name, created_at) VALUES (4, '1', '10', 'Ada', 0)`,
		`INSERT INTO events (guild_id, actor_id, kind, subject, at) VALUES ('1', 4, 'settings.changed', 'guild', 0)`,
		`INSERT INTO requests (guild_id, operation, source, key, fingerprint, result, created_at) VALUES
			('1', 'task.review', 'discord', 'a', '', '{"submission":{"id":1,"reviewer":"10"}}', 0),
			('1', 'task.review', 'discord', 'b', '', '{"submission":{"id":2,"reviewer":""}}', 0)`,
	} {
		if _, err := older.Exec(script); err != nil {
			t.Fatalf("%s: %v", script, err)
		}
	}
	if err := older.Close(); err != nil {
		t.Fatal(err)
	}

	s := must[*Store](t)(Open(t.Context(), path))
	t.Cleanup(func() { _ = s.Close() })
	for query, want := range map[string]string{
		`SELECT result FROM requests WHERE key = 'a'`: `{"submission":{"id":1,"reviewer":{"kind":"member","id":4,"user":"10","name":"Ada"}}}`,
		`SELECT result FROM requests WHERE key = 'b'`: `{"submission":{"id":2}}`,
		`SELECT group_concat("table", ' ') FROM (SELECT "table" FROM pragma_foreign_key_list('transactions') WHERE "from" = 'actor_id'
			UNION ALL SELECT "table" FROM pragma_foreign_key_list('events') WHERE "from" = 'actor_id'
			UNION ALL SELECT "table" FROM pragma_foreign_key_list('submissions') WHERE "from" = 'reviewer_id')`: "accounts accounts accounts",
		`SELECT count(*) FROM pragma_foreign_key_check`: "0",
		`SELECT * FROM pragma_integrity_check`:          "ok",
	} {
		var got string
		if err := s.reading.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s:\n got %s (%v)\nwant %s", query, got, err, want)
		}
	}
}
