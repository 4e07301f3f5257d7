package app

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"coffer/internal/simulator"
)

// terminal prints what Discord would draw.
type terminal struct {
	console
	names map[string]string // of people, roles and channels by their ids
	now   time.Time
}

// interaction prints the reply of a finished interaction.
func (t terminal) interaction(it simulator.Interaction) {
	if it.Message != nil {
		t.message(*it.Message)
	}
	for _, m := range it.Followups {
		t.message(m)
	}
	if it.Modal != nil {
		t.printf("A form opens: %s\n", it.Modal.Title)
		for _, in := range it.Modal.Inputs {
			t.printf("  %s: %s\n", in.Label, cmp.Or(in.Value, "____"))
		}
	}
	for _, choice := range it.Choices {
		t.printf("  %s\n", choice.Name)
	}
}

type embed struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Fields      []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"fields"`
	Footer struct {
		Text string `json:"text"`
	} `json:"footer"`
}

func (t terminal) message(m simulator.Message) {
	if m.Content != "" {
		t.lines("", m.Content)
	}
	for _, raw := range m.Embeds {
		var e embed
		if json.Unmarshal(raw, &e) != nil {
			continue
		}
		for _, part := range []string{e.Title, e.Description} {
			if part != "" {
				t.lines("│ ", part)
			}
		}
		for _, f := range e.Fields {
			t.lines("│ ", f.Name+": "+f.Value)
		}
		if e.Footer.Text != "" {
			t.lines("│ ", e.Footer.Text)
		}
	}
	for _, menu := range menus(m) {
		t.printf("[%s ▾]\n", menu.Placeholder)
		for _, o := range menu.Options {
			t.printf("   %s\n", strings.TrimSuffix(o.Label+" · "+o.Description, " · "))
		}
	}
	var row []string
	for _, b := range buttons(m) {
		label := "[" + b.title() + "]"
		if b.Disabled {
			label = "(" + b.title() + ")"
		}
		row = append(row, label)
	}
	if len(row) > 0 {
		t.printf("%s\n", strings.Join(row, " "))
	}
	if m.Ephemeral {
		t.printf("(only %s sees this)\n", t.name(m.Reader))
	}
}

func (t terminal) lines(margin, text string) {
	for line := range strings.Lines(t.plain(text)) {
		t.printf("%s%s\n", margin, strings.TrimRight(line, "\n"))
	}
}

func (t terminal) name(id string) string {
	if name, ok := t.names[id]; ok {
		return name
	}
	return id
}

var (
	someMention = regexp.MustCompile(`<(@|#)[!&]?(\d+)>`)
	timestamp   = regexp.MustCompile(`<t:(-?\d+)(?::([tTdDfFR]))?>`)
	markdown    = strings.NewReplacer("**", "", "~~", "~", `\`, "")
)

// plain turns Discord's markup into text.
func (t terminal) plain(s string) string {
	s = markdown.Replace(s)
	s = someMention.ReplaceAllStringFunc(s, func(m string) string {
		part := someMention.FindStringSubmatch(m)
		return part[1] + t.name(part[2])
	})
	return timestamp.ReplaceAllStringFunc(s, func(m string) string {
		part := timestamp.FindStringSubmatch(m)
		seconds, err := strconv.ParseInt(part[1], 10, 64)
		if err != nil {
			return m
		}
		at := time.Unix(seconds, 0)
		switch part[2] {
		case "R":
			return relative(at.Sub(t.now))
		case "t", "T":
			return at.Format("15:04")
		case "d", "D":
			return at.Format("2006-01-02")
		}
		return at.Format("2006-01-02 15:04")
	})
}

// relative tells a distance in time in its largest unit, as Discord does.
func relative(d time.Duration) string {
	n, unit := int(d.Abs()/time.Second), "second"
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Minute, "minute"}, {time.Hour, "hour"}, {24 * time.Hour, "day"}} {
		if d.Abs() >= u.size {
			n, unit = int(d.Abs().Round(u.size)/u.size), u.name
		}
	}
	if n != 1 {
		unit += "s"
	}
	if d < 0 {
		return fmt.Sprintf("%d %s ago", n, unit)
	}
	return fmt.Sprintf("in %d %s", n, unit)
}

// control is a button or a menu.
type control struct {
	Type        int    `json:"type"`
	Label       string `json:"label"`
	CustomID    string `json:"custom_id"`
	Disabled    bool   `json:"disabled"`
	Placeholder string `json:"placeholder"`
	Options     []struct {
		Label       string `json:"label"`
		Value       string `json:"value"`
		Description string `json:"description"`
	} `json:"options"`
	Emoji struct {
		Name string `json:"name"`
	} `json:"emoji"`
	values []string // chosen, of a menu
}

func (b control) title() string { return strings.TrimSpace(b.Emoji.Name + " " + b.Label) }

// The types of controls.
const (
	typeButton = 2
	typeMenu   = 3
)

// buttons lists the buttons of a message in the order drawn.
func buttons(m simulator.Message) []control { return controls(m, typeButton) }

// menus lists the menus of a message in the order drawn.
func menus(m simulator.Message) []control { return controls(m, typeMenu) }

func controls(m simulator.Message, kind int) []control {
	var list []control
	for _, raw := range m.Components {
		var row struct {
			Components []control `json:"components"`
		}
		if json.Unmarshal(raw, &row) != nil {
			continue
		}
		for _, c := range row.Components {
			if c.Type == kind {
				list = append(list, c)
			}
		}
	}
	return list
}

// findButton returns the button whose label holds the given text, in any case.
func findButton(m simulator.Message, label string) (control, bool) {
	for _, b := range buttons(m) {
		if !b.Disabled && b.CustomID != "" && holds(b.title(), label) {
			return b, true
		}
	}
	return control{}, false
}

// findControl returns the button whose label holds the given text, in any case, or else
// the menu with such an option, which is chosen.
func findControl(m simulator.Message, label string) (control, bool) {
	if b, ok := findButton(m, label); ok {
		return b, true
	}
	for _, menu := range menus(m) {
		for _, o := range menu.Options {
			if !menu.Disabled && holds(o.Label, label) {
				menu.Label, menu.values = o.Label, []string{o.Value}
				return menu, true
			}
		}
	}
	return control{}, false
}

func holds(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
