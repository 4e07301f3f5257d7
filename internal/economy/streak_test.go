package economy_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"coffer/internal/economy"
)

// zones with a past: gaps and repetitions at midnight, skipped days, odd
// offsets, both ends of the world.
var zones = []string{
	"UTC", "America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Africa/Cairo", "America/Asuncion", "America/Santiago",
	"Pacific/Apia", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "Pacific/Kiritimati", "Etc/GMT+12",
	"America/New_York", "Europe/London", "Asia/Tehran", "Pacific/Chatham", "Atlantic/Azores", "America/Scoresbysund",
}

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func dayOn(year int, month time.Month, day int) economy.Day {
	return economy.DayOf(time.Date(year, month, day, 12, 0, 0, 0, time.UTC), time.UTC)
}

func TestDaysStartWhereClocksAreChanged(t *testing.T) {
	for _, c := range []struct {
		zone string
		day  economy.Day
		want string
	}{
		{"UTC", 0, "1970-01-01T00:00:00Z"},
		{"UTC", -1, "1969-12-31T00:00:00Z"},
		{"UTC", dayOn(1, 1, 1), "0001-01-01T00:00:00Z"},
		{"UTC", dayOn(9999, 12, 31), "9999-12-31T00:00:00Z"},
		{"Pacific/Kiritimati", dayOn(2024, 2, 29), "2024-02-28T10:00:00Z"},
		{"Etc/GMT+12", dayOn(2024, 2, 29), "2024-02-29T12:00:00Z"},
		{"America/Sao_Paulo", dayOn(2018, 11, 4), "2018-11-04T03:00:00Z"}, // 01:00, for want of 00:00
		{"America/Sao_Paulo", dayOn(2018, 2, 18), "2018-02-18T03:00:00Z"}, // after 23:00 came twice
		{"Asia/Beirut", dayOn(2024, 3, 31), "2024-03-30T22:00:00Z"},
		{"Asia/Beirut", dayOn(2023, 10, 29), "2023-10-28T22:00:00Z"},
		{"America/Havana", dayOn(2024, 3, 10), "2024-03-10T05:00:00Z"},
		{"America/Havana", dayOn(2024, 11, 3), "2024-11-03T04:00:00Z"}, // the first of two midnights
		{"Pacific/Apia", dayOn(2011, 12, 29), "2011-12-29T10:00:00Z"},
		{"Pacific/Apia", dayOn(2011, 12, 30), "2011-12-30T10:00:00Z"}, // did not happen
		{"Pacific/Apia", dayOn(2011, 12, 31), "2011-12-30T10:00:00Z"},
		{"Australia/Lord_Howe", dayOn(2024, 4, 7), "2024-04-06T13:00:00Z"},
		{"Australia/Lord_Howe", dayOn(2024, 4, 8), "2024-04-07T13:30:00Z"},
		{"Asia/Kathmandu", dayOn(2024, 1, 1), "2023-12-31T18:15:00Z"},
	} {
		if got := c.day.Start(zone(t, c.zone)).UTC().Format(time.RFC3339Nano); got != c.want {
			t.Errorf("%s: day %d starts at %s, want %s", c.zone, c.day, got, c.want)
		}
	}
}

// In Amman (and Gaza, and wherever clocks fall from 01:00 to 00:00 east of
// Greenwich) time.Date chooses the second of two midnights.
func TestADayStartsAtTheFirstOfTwoMidnights(t *testing.T) {
	amman := zone(t, "Asia/Amman")
	got, want := dayOn(2021, 10, 29).Start(amman), time.Date(2021, 10, 28, 21, 0, 0, 0, time.UTC)
	if !got.Equal(want) {
		t.Errorf("the day starts at %v, want %v", got, want.In(amman))
	}
}

func TestADayStartsAtItsFirstInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		d := economy.Day(rapid.Int32Range(int32(dayOn(1975, 1, 1)), int32(dayOn(2060, 1, 1))).Draw(t, "day"))
		start := d.Start(z)
		first := economy.DayOf(start, z)
		if first != d && (z.String() != "Pacific/Apia" || d != dayOn(2011, 12, 30)) {
			t.Fatalf("day %d starts at %v, which is in day %d", d, start, first)
		}
		if before := economy.DayOf(start.Add(-time.Microsecond), z); before >= first {
			t.Fatalf("the microsecond before %v is in day %d, want an earlier one than %d", start, before, first)
		}
	})
}

func TestNoInstantIsBeforeTheStartOfItsDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		seconds := rapid.Int64Range(157_766_400, 2_840_140_800).Draw(t, "seconds") // 1975 to 2060
		at := time.Unix(seconds, rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"))
		if start := economy.DayOf(at, z).Start(z); start.After(at) {
			t.Fatalf("%v is in a day that starts at %v", at.In(z), start)
		}
	})
}

func TestEachHourAroundEachClockChange(t *testing.T) {
	for _, name := range zones {
		z := zone(t, name)
		at, last := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC).In(z), time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
		for {
			_, end := at.ZoneBounds()
			if end.IsZero() || end.After(last) {
				break
			}
			for offset := -26 * time.Hour; offset <= 26*time.Hour; offset += 30 * time.Minute {
				for _, instant := range []time.Time{end.Add(offset), end.Add(offset - 1)} {
					d := economy.DayOf(instant, z)
					start := d.Start(z)
					if start.After(instant) || economy.DayOf(start, z) != d || economy.DayOf(start.Add(-1), z) >= d {
						t.Errorf("%s: %v is in day %d, which starts at %v", name, instant.In(z), d, start.In(z))
					}
				}
			}
			at = end
		}
	}
}

func TestStreaks(t *testing.T) {
	for _, c := range []struct {
		name  string
		s     economy.Streak
		today economy.Day
		grace int
		want  economy.Streak
		ok    bool
		live  int
	}{
		{"never claimed", economy.Streak{}, 100, 0, economy.Streak{Length: 1, Last: 100}, true, 0},
		{"never claimed, before 1970", economy.Streak{}, -100, 0, economy.Streak{Length: 1, Last: -100}, true, 0},
		{"the same day", economy.Streak{Length: 3, Last: 100}, 100, 6, economy.Streak{Length: 3, Last: 100}, false, 3},
		{"the day before", economy.Streak{Length: 3, Last: 100}, 99, 6, economy.Streak{Length: 3, Last: 100}, false, 3},
		{"years before", economy.Streak{Length: 3, Last: 100}, -100_000, 0, economy.Streak{Length: 3, Last: 100}, false, 3},
		{"the next day", economy.Streak{Length: 3, Last: 100}, 101, 0, economy.Streak{Length: 4, Last: 101}, true, 3},
		{"one missed without grace", economy.Streak{Length: 3, Last: 100}, 102, 0, economy.Streak{Length: 1, Last: 102}, true, 0},
		{"one missed within grace", economy.Streak{Length: 3, Last: 100}, 102, 1, economy.Streak{Length: 4, Last: 102}, true, 3},
		{"one missed too many", economy.Streak{Length: 3, Last: 100}, 103, 1, economy.Streak{Length: 1, Last: 103}, true, 0},
		{"six missed within grace", economy.Streak{Length: 3, Last: 100}, 107, 6, economy.Streak{Length: 4, Last: 107}, true, 3},
		{"seven missed", economy.Streak{Length: 3, Last: 100}, 108, 6, economy.Streak{Length: 1, Last: 108}, true, 0},
		{"over the epoch", economy.Streak{Length: 3, Last: -1}, 0, 0, economy.Streak{Length: 4, Last: 0}, true, 3},
	} {
		got, ok := c.s.Claim(c.today, c.grace)
		if got != c.want || ok != c.ok {
			t.Errorf("%s: Claim = %+v, %t, want %+v, %t", c.name, got, ok, c.want, c.ok)
		}
		if live := c.s.Live(c.today, c.grace); live != c.live {
			t.Errorf("%s: Live = %d, want %d", c.name, live, c.live)
		}
		next := c.s.Next(c.today, time.UTC)
		if ok != next.IsZero() {
			t.Errorf("%s: a claim is possible: %t, but Next = %v", c.name, ok, next)
		}
		if want := (c.s.Last + 1).Start(time.UTC); !ok && !next.Equal(want) {
			t.Errorf("%s: Next = %v, want %v", c.name, next, want)
		}
	}
}

func TestNextIsTheFirstInstantOfTheNextClaim(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(157_766_400, 2_840_140_800).Draw(t, "seconds"), 0)
		s, ok := economy.Streak{}.Claim(economy.DayOf(at, z), 0)
		if !ok {
			t.Fatal("a first claim was refused")
		}
		next := s.Next(s.Last, z)
		if _, ok := s.Claim(economy.DayOf(next, z), 0); !ok || next.Location() != time.UTC {
			t.Fatalf("no claim at %v, which was said to be the next", next.In(z))
		}
		if _, ok := s.Claim(economy.DayOf(next.Add(-time.Microsecond), z), 0); ok {
			t.Fatalf("a claim before %v, which was said to be the next", next.In(z))
		}
	})
}

func TestTheLastDayNeverMovesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := economy.Streak{}
		for range 20 {
			today := economy.Day(rapid.Int32Range(-5, 15).Draw(t, "today"))
			next, ok := s.Claim(today, rapid.IntRange(0, 6).Draw(t, "grace"))
			if s.Length > 0 && next.Last < s.Last || ok != (s.Length == 0 || today > s.Last) || !ok && next != s || next.Length > s.Length+1 {
				t.Fatalf("%+v claimed on day %d: %+v, %t", s, today, next, ok)
			}
			s = next
		}
	})
}
