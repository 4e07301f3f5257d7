package tasks_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/tasks"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// last is the latest time that is kept.
var last = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)

// errand is the least that a task must be.
func errand(change func(*tasks.Terms)) tasks.Terms {
	t := tasks.Terms{Title: "Errand", Reward: 5, Proof: tasks.ProofNone, Review: tasks.ByPerson, Repeat: tasks.Once, Tries: 1}
	change(&t)
	return t
}

func TestTermsInTheirRange(t *testing.T) {
	for _, change := range []func(*tasks.Terms){
		func(*tasks.Terms) {},
		func(v *tasks.Terms) { v.Title = strings.Repeat("🪙", tasks.MaxTitle) },
		func(v *tasks.Terms) { v.Description = strings.Repeat("é\n", tasks.MaxDescription/2) },
		func(v *tasks.Terms) { v.Picture = "https://example.org/a%20b.png?c=d#e" },
		func(v *tasks.Terms) { v.Reward = economy.MaxMovement },
		func(v *tasks.Terms) { v.Proof, v.Review = tasks.ProofText, tasks.ByNobody },
		func(v *tasks.Terms) { v.Proof, v.Review = tasks.ProofLink, tasks.ByPerson },
		func(v *tasks.Terms) { v.Proof, v.Review = tasks.ProofImage, tasks.ByNobody },
		func(v *tasks.Terms) {
			v.Proof, v.Review, v.Answer = tasks.ProofText, tasks.ByAnswer, strings.Repeat("é", tasks.MaxAnswer)
		},
		func(v *tasks.Terms) {
			v.Places, v.ClaimHours, v.Tries = tasks.MaxPlaces, tasks.MaxClaimHours, tasks.MaxTries
		},
		func(v *tasks.Terms) { v.Repeat = tasks.Daily },
		func(v *tasks.Terms) { v.Repeat = tasks.Weekly },
		func(v *tasks.Terms) { v.Deadline = time.Unix(0, 0) },
		func(v *tasks.Terms) { v.Deadline = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC) },
		func(v *tasks.Terms) { v.RequiredRole, v.Prerequisite = "18446744073709551615", 1 },
	} {
		terms := errand(change)
		for name, err := range constructed(terms) {
			if err != nil && !errors.Is(err, tasks.ErrDeadline) {
				t.Errorf("%s of %+v: %v %v", name, terms, err, problem.Of(err).Args)
			}
		}
	}
}

func TestTermsOutOfTheirRange(t *testing.T) {
	for _, c := range []struct {
		field  string
		change func(*tasks.Terms)
	}{
		{"title", func(v *tasks.Terms) { v.Title = "" }},
		{"title", func(v *tasks.Terms) { v.Title = " Errand" }},
		{"title", func(v *tasks.Terms) { v.Title = "Errand\u00a0" }},
		{"title", func(v *tasks.Terms) { v.Title = "two\nlines" }},
		{"title", func(v *tasks.Terms) { v.Title = "zero\x00" }},
		{"title", func(v *tasks.Terms) { v.Title = "no\xfftext" }},
		{"title", func(v *tasks.Terms) { v.Title = strings.Repeat("x", tasks.MaxTitle+1) }},
		{"description", func(v *tasks.Terms) { v.Description = "a\tb" }},
		{"description", func(v *tasks.Terms) { v.Description = strings.Repeat("x", tasks.MaxDescription+1) }},
		{"picture", func(v *tasks.Terms) { v.Picture = "http://example.org/a.png" }},
		{"picture", func(v *tasks.Terms) { v.Picture = "https://example.org/" + strings.Repeat("x", economy.MaxPicture) }},
		{"reward", func(v *tasks.Terms) { v.Reward = 0 }},
		{"reward", func(v *tasks.Terms) { v.Reward = -1 }},
		{"reward", func(v *tasks.Terms) { v.Reward = economy.MaxMovement + 1 }},
		{"proof", func(v *tasks.Terms) { v.Proof = "" }},
		{"proof", func(v *tasks.Terms) { v.Proof = "blood" }},
		{"review", func(v *tasks.Terms) { v.Review = "" }},
		{"review", func(v *tasks.Terms) { v.Review, v.Answer = tasks.ByAnswer, "Yes" }}, // without a text
		{"review", func(v *tasks.Terms) { v.Proof, v.Review, v.Answer = tasks.ProofLink, tasks.ByAnswer, "Yes" }},
		{"answer", func(v *tasks.Terms) { v.Answer = "Yes" }},
		{"answer", func(v *tasks.Terms) { v.Proof, v.Review = tasks.ProofText, tasks.ByAnswer }},
		{"answer", func(v *tasks.Terms) { v.Proof, v.Review, v.Answer = tasks.ProofText, tasks.ByAnswer, "Yes " }},
		{"answer", func(v *tasks.Terms) { v.Proof, v.Review, v.Answer = tasks.ProofText, tasks.ByAnswer, "two\nlines" }},
		{"answer", func(v *tasks.Terms) {
			v.Proof, v.Review, v.Answer = tasks.ProofText, tasks.ByAnswer, strings.Repeat("x", tasks.MaxAnswer+1)
		}},
		{"places", func(v *tasks.Terms) { v.Places = -1 }},
		{"places", func(v *tasks.Terms) { v.Places = tasks.MaxPlaces + 1 }},
		{"repeat", func(v *tasks.Terms) { v.Repeat = "" }},
		{"repeat", func(v *tasks.Terms) { v.Repeat = "hourly" }},
		{"deadline", func(v *tasks.Terms) { v.Deadline = time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC) }},
		{"deadline", func(v *tasks.Terms) { v.Deadline = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"claim_hours", func(v *tasks.Terms) { v.ClaimHours = -1 }},
		{"claim_hours", func(v *tasks.Terms) { v.ClaimHours = tasks.MaxClaimHours + 1 }},
		{"tries", func(v *tasks.Terms) { v.Tries = 0 }},
		{"tries", func(v *tasks.Terms) { v.Tries = tasks.MaxTries + 1 }},
		{"required_role", func(v *tasks.Terms) { v.RequiredRole = "everyone" }},
		{"prerequisite", func(v *tasks.Terms) { v.Prerequisite = -1 }},
	} {
		terms := errand(c.change)
		for name, err := range constructed(terms) {
			if !errors.Is(err, tasks.ErrTask) || problem.Of(err).Args["field"] != c.field {
				t.Errorf("%s of %+v: %v, want %s to be refused", name, terms, err, c.field)
			}
		}
	}
}

// constructed returns what the constructors say of terms.
func constructed(terms tasks.Terms) map[string]error {
	r, admin := economy.Request{At: noon}, economy.Person{User: "9"}
	_, open := tasks.NewTaskCreation(r, admin, terms, true)
	_, draft := tasks.NewTaskCreation(r, admin, terms, false)
	_, edit := tasks.NewTaskEdit(r, admin, 1, 1, terms)
	return map[string]error{"opening": open, "draft": draft, "edit": edit}
}

func TestDeadlines(t *testing.T) {
	for _, c := range []struct {
		deadline, at time.Time
		ok           bool
	}{
		{time.Time{}, last, true},
		{noon, noon.Add(-1), true},
		{noon, noon, false},
		{noon, noon.Add(time.Hour), false},
	} {
		err := tasks.Terms{Deadline: c.deadline}.OnTime(c.at)
		if (err == nil) != c.ok || err != nil && (!errors.Is(err, tasks.ErrDeadline) || problem.Of(err).Args["deadline"] != c.deadline) {
			t.Errorf("%v before %v: %v, want in time: %t", c.at, c.deadline, err, c.ok)
		}
	}
}

func TestDue(t *testing.T) {
	for _, c := range []struct {
		hours    int
		at, want time.Time
	}{
		{0, noon, time.Time{}},
		{1, noon, noon.Add(time.Hour)},
		{1, noon.Add(1999), noon.Add(time.Hour + 1000)},
		{2, noon.In(time.FixedZone("", 3600)), noon.Add(2 * time.Hour)},
		{tasks.MaxClaimHours, noon, noon.Add(365 * 24 * time.Hour)},
		{1, last, last},
		{tasks.MaxClaimHours, last.Add(-time.Hour), last},
	} {
		if got := (tasks.Terms{ClaimHours: c.hours}).Due(c.at); got != c.want {
			t.Errorf("%d hours from %v end at %v, want %v", c.hours, c.at, got, c.want)
		}
	}
}

func TestStanding(t *testing.T) {
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	none := time.Time{}
	for _, c := range []struct {
		name     string
		task     tasks.State
		deadline time.Time
		state    tasks.ClaimState
		tries    int
		due      time.Time
		want     tasks.ClaimState
		left     int
		end      time.Time
	}{
		{"no end", tasks.Open, none, tasks.Claimed, 0, none, tasks.Claimed, 3, none},
		{"no end, closed", tasks.Closed, none, tasks.Claimed, 0, none, tasks.Claimed, 3, none},
		{"its own end", tasks.Open, none, tasks.Rejected, 1, hour(1), tasks.Rejected, 2, hour(1)},
		{"the deadline", tasks.Open, hour(1), tasks.Claimed, 0, none, tasks.Claimed, 3, hour(1)},
		{"the deadline is earlier", tasks.Open, hour(1), tasks.Claimed, 0, hour(2), tasks.Claimed, 3, hour(1)},
		{"its own end is earlier", tasks.Open, hour(2), tasks.Claimed, 0, hour(1), tasks.Claimed, 3, hour(1)},
		{"more tries than there are now", tasks.Open, none, tasks.Rejected, 7, none, tasks.Rejected, 1, none},
		{"the last moment", tasks.Open, none, tasks.Claimed, 0, noon.Add(1), tasks.Claimed, 3, noon.Add(1)},
		{"over", tasks.Open, hour(1), tasks.Claimed, 0, noon, tasks.Expired, 0, none},
		{"over by the deadline", tasks.Closed, noon, tasks.Rejected, 1, hour(1), tasks.Expired, 0, none},
		{"over by the archive", tasks.Archived, none, tasks.Claimed, 0, none, tasks.Expired, 0, none},
		{"what waits is not over", tasks.Archived, hour(-1), tasks.Submitted, 1, hour(-1), tasks.Submitted, 0, none},
		{"approved", tasks.Open, none, tasks.Approved, 1, none, tasks.Approved, 0, none},
		{"failed", tasks.Archived, none, tasks.Failed, 3, none, tasks.Failed, 0, none},
		{"dropped", tasks.Open, none, tasks.Dropped, 0, hour(1), tasks.Dropped, 0, none},
		{"expired", tasks.Open, none, tasks.Expired, 0, hour(1), tasks.Expired, 0, none},
	} {
		task := tasks.Task{State: c.task, Terms: tasks.Terms{Deadline: c.deadline, Tries: 3}}
		state, left, end := task.Standing(c.state, c.tries, c.due, noon)
		if state != c.want || left != c.left || end != c.end {
			t.Errorf("%s: %s, %d left before %v, want %s, %d before %v", c.name, state, left, end, c.want, c.left, c.end)
		}
	}
}

func TestPeriods(t *testing.T) {
	for _, c := range []struct {
		repeat    tasks.Repeat
		zone      string
		at        time.Time
		from, til time.Time // of the period, which is [from, til)
	}{
		{tasks.Daily, "UTC", noon, date(2026, 11, 23, 0, 0), date(2026, 11, 24, 0, 0)},
		{tasks.Daily, "Asia/Tokyo", date(2026, 11, 23, 15, 0), date(2026, 11, 23, 15, 0), date(2026, 11, 24, 15, 0)},
		{tasks.Daily, "Asia/Tokyo", date(2026, 11, 23, 14, 59), date(2026, 11, 22, 15, 0), date(2026, 11, 23, 15, 0)},
		{tasks.Daily, "America/Sao_Paulo", date(2018, 11, 4, 2, 59), date(2018, 11, 3, 3, 0), date(2018, 11, 4, 3, 0)}, // 23 hours follow
		{tasks.Daily, "America/Sao_Paulo", date(2018, 11, 4, 12, 0), date(2018, 11, 4, 3, 0), date(2018, 11, 5, 2, 0)},
		{tasks.Daily, "Pacific/Apia", date(2011, 12, 30, 9, 59), date(2011, 12, 29, 10, 0), date(2011, 12, 30, 10, 0)}, // the 30th is skipped
		{tasks.Daily, "UTC", date(1969, 12, 31, 12, 0), date(1969, 12, 31, 0, 0), date(1970, 1, 1, 0, 0)},
		{tasks.Weekly, "UTC", noon, date(2026, 11, 23, 0, 0), date(2026, 11, 30, 0, 0)}, // a Monday
		{tasks.Weekly, "UTC", date(2026, 11, 29, 23, 59), date(2026, 11, 23, 0, 0), date(2026, 11, 30, 0, 0)},
		{tasks.Weekly, "UTC", date(1970, 1, 1, 0, 0), date(1969, 12, 29, 0, 0), date(1970, 1, 5, 0, 0)}, // a Thursday
		{tasks.Weekly, "UTC", date(1970, 1, 4, 23, 59), date(1969, 12, 29, 0, 0), date(1970, 1, 5, 0, 0)},
		{tasks.Weekly, "UTC", date(1970, 1, 5, 0, 0), date(1970, 1, 5, 0, 0), date(1970, 1, 12, 0, 0)},
		{tasks.Weekly, "UTC", date(1969, 12, 28, 23, 59), date(1969, 12, 22, 0, 0), date(1969, 12, 29, 0, 0)},
		{tasks.Weekly, "UTC", date(1, 1, 1, 0, 0), date(1, 1, 1, 0, 0), date(1, 1, 8, 0, 0)}, // a Monday, too
		{tasks.Weekly, "America/New_York", date(2026, 11, 1, 12, 0), date(2026, 10, 26, 4, 0), date(2026, 11, 2, 5, 0)},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		period := c.repeat.Period(economy.DayOf(c.at, zone))
		if got := period.Start(zone).UTC(); got != c.from {
			t.Errorf("%s in %s at %v: begins at %v, want %v", c.repeat, c.zone, c.at, got, c.from)
		}
		if got := c.repeat.Next(period, zone); got != c.til {
			t.Errorf("%s in %s at %v: the next begins at %v, want %v", c.repeat, c.zone, c.at, got, c.til)
		}
		if before, after := c.repeat.Period(economy.DayOf(c.til.Add(-1), zone)), c.repeat.Period(economy.DayOf(c.til, zone)); before != period || after <= period {
			t.Errorf("%s in %s at %v: period %d, then %d and %d", c.repeat, c.zone, c.at, period, before, after)
		}
	}
	for _, at := range []time.Time{date(1, 1, 1, 0, 0), noon, last} {
		if got := tasks.Once.Period(economy.DayOf(at, time.UTC)); got != 0 {
			t.Errorf("once at %v: period %d, want 0", at, got)
		}
	}
	if got := tasks.Once.Next(0, time.UTC); !got.IsZero() {
		t.Errorf("once again at %v, want never", got)
	}
	tuesday := economy.DayOf(noon, time.UTC) + 1
	if got, want := tasks.Weekly.Next(tuesday, time.UTC), date(2026, 11, 30, 0, 0); got != want {
		t.Errorf("weekly after a day: %v, want %v", got, want)
	}
}

func date(year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
}
