package interactions

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"
)

func TestClip(t *testing.T) {
	for _, c := range []struct {
		s    string
		most int
		want string
	}{
		{"short", 5, "short"},
		{"longer", 5, "long…"},
		{"äöüßé", 5, "äöüßé"},
		{"äöüßéx", 5, "äöüß…"},
		{"𝔘𝔘", 4, "𝔘𝔘"},
		{"𝔘𝔘𝔘", 5, "𝔘𝔘…"},
		{"𝔘𝔘𝔘", 4, "𝔘…"},
		{`ab\*c`, 4, "ab…"},          // no half escape
		{"👩\u200d👩\u200d👧", 5, "👩…"}, // no joiner without its second half
		{"x", 0, ""},
	} {
		got := clip(c.s, c.most)
		if got != c.want || width(got) > c.most || !utf8.ValidString(got) {
			t.Errorf("clip(%q, %d) = %q, want %q", c.s, c.most, got, c.want)
		}
	}
}

func TestQuoteShowsWhatWasWritten(t *testing.T) {
	for in, want := range map[string]string{
		"plain words, 1.5!":   "plain words, 1.5!",
		"**bold** _it_ ~~s~~": `\*\*bold\*\* \_it\_ \~\~s\~\~`,
		"[a](https://b)":      `\[a\]\(https\://b\)`,
		"<@1> @everyone":      `\<\@1\> \@everyone`,
		"`code` || > # \\":    "\\`code\\` \\|\\| \\> \\# \\\\",
		"a\u202eb\u2066c":     "abc",
		"line\nbreak\u2028":   "linebreak",
		"𝔘nicode 👩\u200d👧":    "𝔘nicode 👩\u200d👧",
	} {
		if got := quote(in); got != want {
			t.Errorf("quote(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestEveryEmbedFits(t *testing.T) {
	long := strings.Repeat("𝔘*", 5000)
	e := card(long, long)
	e.Footer = footer(long)
	for range 40 {
		e.Fields = append(e.Fields, field(long, long))
	}
	full := func(e *discordgo.MessageEmbed) object {
		body, err := encode(message{embed: e}.response(false))
		if err != nil {
			t.Fatal(err)
		}
		return parse(t, body)
	}
	response := full(e)
	for _, broken := range brokenLimits(response) {
		t.Error(broken)
	}
}
