package economy

import "time"

// Day is a calendar day in a guild's time zone: the number of days since
// 1970-01-01 there.
type Day int32

const secondsPerDay = 86400

// DayOf returns the day that has t in the zone.
func DayOf(t time.Time, zone *time.Location) Day {
	year, month, day := t.In(zone).Date()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return Day(midnight.Unix() / secondsPerDay) //nolint:gosec // fits for any year up to five million
}

// Start returns the first instant of the day in the zone. Where clocks are set
// forward over midnight, a day starts later than 00:00; where they are set back
// over it, midnight comes twice, and the first counts.
func (d Day) Start(zone *time.Location) time.Time {
	const step = 15 * time.Minute // every offset in use is a multiple of it
	year, month, day := time.Unix(int64(d)*secondsPerDay, 0).UTC().Date()
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	for DayOf(t, zone) < d {
		t = t.Add(step)
	}
	for DayOf(t.Add(-step), zone) >= d {
		t = t.Add(-step)
	}
	return t
}

// Streak is how many days in a row a member has claimed, and the last of them.
// The zero value has never claimed.
type Streak struct {
	Length int
	Last   Day
}

// Claim returns the streak after a claim on the given day, and false if that
// day or a later one was claimed already: the last day never moves back,
// whatever happens to the clock or the guild's time zone.
func (s Streak) Claim(today Day, grace int) (Streak, bool) {
	switch {
	case s.Length > 0 && today <= s.Last:
		return s, false
	case s.Length == 0 || s.broken(today, grace):
		return Streak{Length: 1, Last: today}, true
	default:
		return Streak{Length: s.Length + 1, Last: today}, true
	}
}

// Live returns the length as it counts on the given day: 0 once it is broken.
func (s Streak) Live(today Day, grace int) int {
	if s.broken(today, grace) {
		return 0
	}
	return s.Length
}

// Next returns when the next claim is possible: the zero time means now.
func (s Streak) Next(today Day, zone *time.Location) time.Time {
	if s.Length == 0 || today > s.Last {
		return time.Time{}
	}
	return (s.Last + 1).Start(zone).UTC()
}

func (s Streak) broken(today Day, grace int) bool {
	return s.Length > 0 && int(today-s.Last) > 1+grace
}
