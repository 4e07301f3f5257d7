package interactions

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"
)

// accent is the one colour of replies that tell good news.
const accent = 0xE3A82B

// fit cuts every text of a message's embeds to what Discord accepts. Replies are
// composed so that nothing is cut; this holds where a guild's or a member's words
// are longer than foreseen.
func fit(embeds []*discordgo.MessageEmbed) {
	left := 6000
	for _, e := range embeds {
		fitOne(e, func(s *string, most int) {
			*s = clip(*s, min(most, left))
			left -= width(*s)
		})
	}
}

func fitOne(e *discordgo.MessageEmbed, cut func(s *string, most int)) {
	cut(&e.Title, 256)
	if e.Footer != nil {
		cut(&e.Footer.Text, 2048)
	}
	cut(&e.Description, 4096)
	for i, f := range e.Fields {
		cut(&f.Name, 256)
		cut(&f.Value, 1024)
		if i == 25 || f.Name == "" || f.Value == "" { // Discord wants both
			e.Fields = e.Fields[:i]
			break
		}
	}
}

// width is how long Discord takes a text to be, whichever way it counts:
// UTF-16 units, of which there are never fewer than characters.
func width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// clip cuts a text to a width, between characters, and marks the cut. It does
// not leave half of a backslash escape or of an emoji sequence behind.
func clip(s string, most int) string {
	if most <= 0 {
		return ""
	}
	if len(s) <= most || width(s) <= most {
		return s
	}
	end, n := 0, 1 // 1 for the ellipsis
	for i, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
		if n > most {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	cut := strings.TrimRight(s[:end], "\\ \u200d\ufe0f")
	return cut + "…"
}

// plain removes what could change how the text around it is shown: control
// characters, line breaks and marks that turn the direction of writing.
func plain(s string) string {
	if ascii := strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f }) < 0; ascii {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			return -1
		}
		return r
	}, s)
}

// lines is plain for a text of several lines.
func lines(s string) string {
	all := strings.Split(s, "\n")
	for i := range all {
		all[i] = plain(all[i])
	}
	return strings.Join(all, "\n")
}

// label returns words of others for where Discord wants some: on buttons, in
// menus and among choices. What shows nothing is replaced.
func label(s, instead string, most int) string {
	s = strings.TrimSpace(plain(s))
	if strings.IndexFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }) < 0 {
		s = instead
	}
	return clip(s, most)
}

// storable reports whether s could be among what is stored: one line of
// characters that can be shown.
func storable(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && strings.IndexFunc(s, unicode.IsControl) < 0
}

// quote returns a member's words so that Discord shows them as they were
// written: no markdown, links, mentions or headings of their own.
func quote(s string) string {
	s = plain(s)
	if !strings.ContainsAny(s, markdown) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := range len(s) {
		if strings.IndexByte(markdown, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

const markdown = "\\*_~|`<>[]()#:@-+"

// passage is quote for a text of several lines, as a block of its own: what follows
// it in the same text belongs to it.
func passage(s string) string {
	all := strings.Split(s, "\n")
	for i := range all {
		all[i] = quote(all[i])
	}
	return ">>> " + strings.Join(all, "\n")
}

// card is an embed in the accent colour.
func card(title, description string) *discordgo.MessageEmbed {
	return &discordgo.MessageEmbed{Title: title, Description: strings.TrimSpace(description), Color: accent}
}

func field(name, value string) *discordgo.MessageEmbedField {
	return &discordgo.MessageEmbedField{Name: name, Value: value, Inline: true}
}

func footer(text string) *discordgo.MessageEmbedFooter {
	return &discordgo.MessageEmbedFooter{Text: text}
}

func row(buttons ...discordgo.MessageComponent) []discordgo.MessageComponent {
	return []discordgo.MessageComponent{discordgo.ActionsRow{Components: buttons}}
}
