package interactions

import (
	"errors"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
)

func TestTheLongestCustomIDFits(t *testing.T) {
	snowflake, transaction := strings.Repeat("9", 20), strings.Repeat("9", 19)
	for _, id := range []string{
		customID("leaderboard", snowflake, transaction, "previous"),
		customID("history", snowflake, snowflake, "newer", transaction),
		customID("undo", snowflake, transaction),
		customID("shop", tag("18446744073709551615"), "9999", strings.Repeat("😀", 40)),
		customID("item", "zzzzzz", "9999", strings.Repeat("😀", 40)),
		customID("category", snowflake),
		customID("buy", snowflake, transaction, "100"),
		customID("confirm", snowflake, snowflake, transaction, "100", "1000000000000", "2147483647"),
		customID("cancel", snowflake),
		customID("inventory", snowflake, snowflake, "9999"),
	} {
		if width(id) > 100 {
			t.Errorf("%s has %d characters", id, width(id))
		}
	}
}

func TestTagsTellMembersApart(t *testing.T) {
	seen := map[string]bool{}
	for i := range 1000 {
		got := tag(economy.UserID(snow(clock.Add(time.Duration(i)*time.Millisecond), i%3)))
		if seen[got] || len(got) > 6 || strings.Contains(got, ":") {
			t.Errorf("%q", got)
		}
		seen[got] = true
	}
}

func TestSnowflakes(t *testing.T) {
	for s, want := range map[string]bool{"1": true, ada: true, "18446744073709551615": true,
		"": false, "0": false, "18446744073709551616": false, "-1": false, "+1": false, "1.": false, "１": false, "1/2": false} {
		if got := snowflake(s); got != want {
			t.Errorf("%q: got %v", s, got)
		}
	}
	if got, want := snowflakeTime("175928847299117063"), time.UnixMilli(1462015105796).UTC(); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAButtonThatWritesExpires(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		want  error
	}{{0, nil}, {-time.Minute, nil}, {buttonLife, nil}, {buttonLife + time.Millisecond, errExpired}} {
		id := snow(clock, 5)
		r := &Request{At: clock.Add(c.after), args: []string{id}}
		if got, err := r.drawn(0); !errors.Is(err, c.want) || err == nil && got != id {
			t.Errorf("after %v: got %q, %v; want %v", c.after, got, err, c.want)
		}
	}
}
