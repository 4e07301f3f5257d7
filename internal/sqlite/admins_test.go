package sqlite

import (
	"testing"

	"coffer/internal/storetest"
)

func TestAdmins(t *testing.T) {
	storetest.RunAdmins(t, func(t *testing.T) storetest.AdminStore { return openTemp(t) })
}

func TestAccountTrail(t *testing.T) {
	storetest.RunAccountTrail(t, func(t *testing.T) storetest.AccountTrail {
		s := openTemp(t)
		return storetest.AccountTrail{
			AdminStore: s,
			Rows: func() (text string) {
				if err := s.reading.QueryRow(`SELECT group_concat(concat_ws('|', id, admin_id, kind, by_id, before, after, at), char(10)) FROM admin_changes`).Scan(&text); err != nil {
					t.Fatal(err)
				}
				return text
			},
			Refuse: func() {
				if _, err := s.writer.conn.ExecContext(t.Context(), "CREATE TRIGGER refuse BEFORE INSERT ON admin_changes BEGIN SELECT RAISE(ABORT, 'refused'); END"); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}
