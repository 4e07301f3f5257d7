package interactions

import (
	"embed"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/tasks"
)

//go:embed locales/*.json
var localeFiles embed.FS

// catalogue is everything that is said, in every language.
type catalogue struct {
	english *locale
	german  *locale
}

// texts compiles the catalogue once.
var texts = sync.OnceValue(func() *catalogue {
	return &catalogue{
		english: loadLocale("en-US", ","),
		german:  loadLocale("de", "."),
	}
})

// speak returns the texts for a Discord locale; English where there are none.
func (c *catalogue) speak(tag string) *locale {
	if tag == c.german.tag {
		return c.german
	}
	return c.english
}

// locale is one language.
type locale struct {
	tag      string
	group    string // between groups of three digits
	texts    map[string]template
	problems map[string][]template // by code, the one that names the most first
}

// template is a text with placeholders: literals[0] names[0] literals[1] ...
type template struct {
	literals []string // one more than names
	names    []string
}

func loadLocale(tag, group string) *locale {
	raw, err := localeFiles.ReadFile("locales/" + tag + ".json")
	if err != nil {
		panic("interactions: " + err.Error())
	}
	var source map[string]string
	if err := json.Unmarshal(raw, &source); err != nil {
		panic("interactions: locale " + tag + ": " + err.Error())
	}
	l := &locale{tag, group, make(map[string]template, len(source)), map[string][]template{}}
	for key, text := range source {
		t := compile(text)
		l.texts[key] = t
		if code, ok := strings.CutPrefix(key, "problem."); ok {
			code, _, _ = strings.Cut(code, ".")
			l.problems[code] = append(l.problems[code], t)
		}
	}
	for _, variants := range l.problems {
		slices.SortFunc(variants, func(a, b template) int { return len(b.names) - len(a.names) })
	}
	return l
}

func compile(text string) template {
	var t template
	for {
		before, rest, found := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			t.literals = append(t.literals, text)
			return t
		}
		t.literals, t.names, text = append(t.literals, before), append(t.names, name), after
	}
}

// text returns a text with its placeholders filled from pairs of name and value.
func (l *locale) text(key string, pairs ...string) string {
	t, ok := l.texts[key]
	if !ok {
		return key
	}
	return t.fill(func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	})
}

func (t template) fill(value func(name string) string) string {
	if len(t.names) == 0 {
		return t.literals[0]
	}
	var b strings.Builder
	for i, name := range t.names {
		b.WriteString(t.literals[i])
		b.WriteString(value(name))
	}
	b.WriteString(t.literals[len(t.names)])
	return b.String()
}

// problem says what went wrong: of the texts for its code, the one that names
// the most of what the problem knows. A code without text says its public detail.
// What is wrong with a field is said by a text of its own ("wrong.item.price").
func (l *locale) problem(p *problem.Error) string {
	if field, ok := p.Args["field"].(string); ok {
		if t, known := l.texts["wrong."+p.Code+"."+field]; known {
			return t.fill(func(string) string { return "" })
		}
	}
	for _, t := range l.problems[p.Code] {
		if !slices.ContainsFunc(t.names, func(n string) bool { return !tells(p.Args[n]) }) {
			return t.fill(func(name string) string { return l.value(p.Args[name], p.Args["currency"]) })
		}
	}
	return p.Detail
}

// tells reports whether an argument of a problem says something: not a time that never
// comes, and not nobody.
func tells(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case time.Time:
		return !v.IsZero()
	case economy.UserID:
		return v != ""
	}
	return true
}

// value shows an argument of a problem, an amount in the currency if it is known.
func (l *locale) value(v, currency any) string {
	switch v := v.(type) {
	case economy.Amount:
		if c, ok := currency.(economy.Currency); ok {
			return l.coins(v, c)
		}
		return l.number(int64(v))
	case economy.TransactionID:
		return transaction(v)
	case economy.UserID:
		return mention(v)
	case economy.Actor:
		return l.actor(v)
	case time.Time:
		return relative(v)
	case economy.RoleID:
		return mentionRole(v)
	case tasks.Proof:
		return l.text("proof." + string(v))
	case tasks.State:
		return l.text("state." + string(v))
	case tasks.ClaimState:
		return l.text("status." + string(v))
	case tasks.SubmissionState:
		return l.text("verdict." + string(v))
	case int:
		return l.number(int64(v))
	case int64:
		return l.number(v)
	case string:
		return quote(v)
	}
	return "?"
}

// somebody is a member by his mention, or a word for one who was erased.
func (l *locale) somebody(id economy.UserID) string {
	if id == "" {
		return l.text("actor.erased")
	}
	return mention(id)
}

// actor shows who did something: a member by his mention, who acts from the dashboard
// by his name, and nobody by the bot's own word for itself.
func (l *locale) actor(a economy.Actor) string {
	switch {
	case a.Kind == economy.ActorMember, a.Kind == economy.ActorErased:
		return l.somebody(a.User)
	case a.Name != "":
		return clip(quote(a.Name), 100)
	default:
		return l.text("review.by_me")
	}
}

// number writes a whole number in groups of three digits.
func (l *locale) number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	first := len(s) % 3
	if first == 0 {
		first = 3
	}
	if len(s) == first {
		return sign + s
	}
	var b strings.Builder
	b.WriteString(sign)
	b.WriteString(s[:first])
	for i := first; i < len(s); i += 3 {
		b.WriteString(l.group)
		b.WriteString(s[i : i+3])
	}
	return b.String()
}

// money writes an amount with the guild's symbol.
func (l *locale) money(n economy.Amount, c economy.Currency) string {
	return l.number(int64(n)) + " " + symbol(c)
}

// coins writes an amount with the guild's symbol and name for it.
func (l *locale) coins(n economy.Amount, c economy.Currency) string {
	return l.money(n, c) + " " + quote(c.Name)
}

// amount returns an amount as economy.ParseQuantity reads it. Where a point sets
// off groups and a comma decimals, people write it so.
func (l *locale) amount(text string) string {
	switch lower := strings.ToLower(text); lower {
	case l.text("amount.all"):
		return string(economy.All)
	case l.text("amount.half"):
		return string(economy.Half)
	}
	if l.group != "." {
		return text
	}
	turned := strings.Map(func(r rune) rune {
		switch r {
		case '.':
			return ','
		case ',':
			return '.'
		}
		return r
	}, text)
	if _, err := economy.ParseQuantity(turned); errors.Is(err, economy.ErrAmountFormat) && !strings.Contains(text, ",") {
		return text // such as 1.5k, which can only be meant one way
	}
	return turned
}

// change writes a signed amount.
func (l *locale) change(n economy.Amount, c economy.Currency) string {
	if n > 0 {
		return "+" + l.money(n, c)
	}
	return l.money(n, c)
}

// days counts days.
func (l *locale) days(n int) string {
	if n == 1 {
		return l.text("days.one")
	}
	return l.text("days.other", "n", l.number(int64(n)))
}

// when is a time and how far away it is, for each reader in his own words.
func when(t time.Time) string {
	unix := strconv.FormatInt(t.Unix(), 10)
	return "<t:" + unix + ":f> (<t:" + unix + ":R>)"
}

// none reports whether somebody wrote that there shall be none of something.
func (l *locale) none(text string) bool {
	return slices.ContainsFunc(append(strings.Fields(l.text("amount.none")), "none"),
		func(word string) bool { return strings.EqualFold(text, word) })
}

func symbol(c economy.Currency) string { return clip(plain(c.Symbol), 64) }

func transaction(id economy.TransactionID) string { return "#" + strconv.FormatInt(int64(id), 10) }

// relative is a time as Discord counts up or down to it, for each reader in his own words.
func relative(t time.Time) string { return "<t:" + strconv.FormatInt(t.Unix(), 10) + ":R>" }
