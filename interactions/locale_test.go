package interactions

import (
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/tasks"
)

func source(t *testing.T, tag string) map[string]string {
	t.Helper()
	raw, err := localeFiles.ReadFile("locales/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), "\n  \""); n != len(texts) {
		t.Errorf("%s has %d lines but %d keys: one stands twice", tag, n, len(texts))
	}
	return texts
}

func TestLocalesSayTheSameThings(t *testing.T) {
	english, german := source(t, "en-US"), source(t, "de")
	if a, b := slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(german)); !slices.Equal(a, b) {
		t.Errorf("keys differ:\nen-US %v\nde    %v", a, b)
	}
	for key := range english {
		a, b := compile(english[key]).names, compile(german[key]).names
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: placeholders %v and %v", key, a, b)
		}
		if english[key] == "" || german[key] == "" {
			t.Errorf("%s is empty", key)
		}
	}
}

func TestOnlyKnownLocalesAreEmbedded(t *testing.T) {
	files, err := fs.Glob(localeFiles, "locales/*")
	if err != nil || !slices.Equal(files, []string{"locales/de.json", "locales/en-US.json"}) {
		t.Errorf("got %v, %v", files, err)
	}
}

func TestLocaleIsChosenByTheUser(t *testing.T) {
	for tag, want := range map[string]string{"de": "de", "en-US": "en-US", "en-GB": "en-US", "fr": "en-US", "": "en-US", "DE": "en-US"} {
		if got := texts().speak(tag).tag; got != want {
			t.Errorf("%q: got %s, want %s", tag, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		n               int64
		english, german string
	}{
		{0, "0", "0"}, {7, "7", "7"}, {999, "999", "999"}, {1000, "1,000", "1.000"}, {-1000, "−1,000", "−1.000"},
		{-12, "−12", "−12"}, {123456, "123,456", "123.456"}, {1_000_000_000_000, "1,000,000,000,000", "1.000.000.000.000"},
		{-9223372036854775808, "−9,223,372,036,854,775,808", "−9.223.372.036.854.775.808"},
	} {
		if a, b := texts().english.number(c.n), texts().german.number(c.n); a != c.english || b != c.german {
			t.Errorf("%d: got %s and %s", c.n, a, b)
		}
	}
}

func TestTemplates(t *testing.T) {
	l := &locale{texts: map[string]template{
		"plain": compile("no {placeholder"), "two": compile("{a}{b}!"), "again": compile("{a} and {a}"),
	}}
	for _, c := range []struct{ got, want string }{
		{l.text("plain"), "no {placeholder"},
		{l.text("two", "b", "2", "a", "1"), "12!"},
		{l.text("again", "a", "{b}"), "{b} and {b}"}, // what is filled in is not filled again
		{l.text("unknown"), "unknown"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestAProblemSaysAsMuchAsItKnows(t *testing.T) {
	when := time.Unix(1795478400, 0)
	for _, c := range []struct {
		p    *problem.Error
		want string
	}{
		{economy.ErrAlreadyClaimed, "Today's coins are claimed already. Come back tomorrow."},
		{economy.ErrAlreadyClaimed.With("next", when), "Today's coins are claimed already. You can claim again <t:1795478400:R>."},
		{economy.ErrInsufficientFunds, "There are not enough coins for that."},
		{economy.ErrInsufficientFunds.With("balance", economy.Amount(1234)), "There are not enough coins for that: the balance is 1,234."},
		{economy.ErrInsufficientFunds.With("balance", economy.Amount(1)).With("member", economy.UserID(bob)),
			"<@" + bob + "> does not have enough coins left for that: the balance is 1."},
		{economy.ErrAlreadyReversed.With("by", economy.TransactionID(9)), "That transaction was undone already, by #9."},
		{
			tasks.ErrReviewed.With("by", economy.Actor{Kind: economy.ActorAccount, Name: "*desk*"}).With("state", tasks.Accepted).With("at", when),
			"That was reviewed already: accepted by \\*desk\\* <t:1795478400:R>. Nothing was changed.",
		},
	} {
		if got := texts().english.problem(c.p); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAmountsAreReadAsTheLanguageWritesThem(t *testing.T) {
	for _, c := range []struct {
		locale *locale
		text   string
		want   economy.Quantity // zero: refused
	}{
		{texts().english, "1,550", economy.Coins(1550)},
		{texts().english, "1.5k", economy.Coins(1500)},
		{texts().english, "1.550", economy.Quantity{}},
		{texts().english, "alles", economy.Quantity{}},
		{texts().english, "ALL", economy.Quantity{Share: economy.All}},
		{texts().german, "1.550", economy.Coins(1550)},
		{texts().german, "1,5k", economy.Coins(1500)},
		{texts().german, "1.5k", economy.Coins(1500)},
		{texts().german, "1.000.000", economy.Coins(1_000_000)},
		{texts().german, "1,550", economy.Quantity{}},
		{texts().german, "1.550,00", economy.Quantity{}},
		{texts().german, "250", economy.Coins(250)},
		{texts().german, "Alles", economy.Quantity{Share: economy.All}},
		{texts().german, "HÄLFTE", economy.Quantity{Share: economy.Half}},
		{texts().german, "half", economy.Quantity{Share: economy.Half}},
	} {
		got, err := economy.ParseQuantity(c.locale.amount(c.text))
		if got != c.want || (err == nil) != (c.want != economy.Quantity{}) {
			t.Errorf("%s %q: got %+v, %v, want %+v", c.locale.tag, c.text, got, err, c.want)
		}
	}
}
