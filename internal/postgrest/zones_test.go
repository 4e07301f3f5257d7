package postgrest

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/jackc/pgx/v5"

	"coffer/internal/economy"
)

// TestDaysAreTheSameInEveryTimeZone compares Postgres' days with Go's, in every
// time zone that both know. Their tables may be of different years, so the
// instants are of the past.
func TestDaysAreTheSameInEveryTimeZone(t *testing.T) {
	thorough(t)
	p := newProject(t)
	rows, err := p.admin.Query(t.Context(), `SELECT z.name, at, coffer.day_of(at, z.name)
		FROM pg_timezone_names z, unnest(ARRAY['1970-01-01 00:30Z', '1995-06-30 10:10Z', '2011-12-30 11:00Z', '2018-11-04 02:59Z',
			'2020-02-29 23:15Z', '2021-07-10 22:30Z', '2021-12-31 09:45Z', '2022-03-27 00:59Z']::timestamptz[]) at`)
	if err != nil {
		t.Fatal(err)
	}
	type day struct {
		Zone string
		At   time.Time
		Day  economy.Day
	}
	zones := map[string]bool{}
	for _, d := range must[[]day](t)(pgx.CollectRows(rows, pgx.RowToStructByPos[day])) {
		zone, err := economy.Settings{TimeZone: d.Zone}.Location()
		if err != nil {
			continue
		}
		zones[d.Zone] = true
		if want := economy.DayOf(d.At, zone); d.Day != want {
			t.Errorf("%v in %s is day %d, want %d", d.At, d.Zone, d.Day, want)
		}
	}
	if len(zones) < 400 {
		t.Errorf("only %d zones were compared", len(zones))
	}
}
