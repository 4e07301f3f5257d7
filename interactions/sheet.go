package interactions

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"coffer/internal/economy"
)

// sheet reads the options of a command that fills in a form: one that was given
// replaces the value it is for, any other leaves it. The first error stays.
type sheet struct {
	*Request
	given int
	err   error
}

// read passes an option on, if it was given.
func (s *sheet) read(name string, kind int, to func(option) error) bool {
	if s.err != nil {
		return false
	}
	o, given, err := s.option(name, kind)
	if given && err == nil {
		s.given++
		err = to(o)
	}
	s.err = err
	return given && err == nil
}

// words reads a text.
func (s *sheet) words(name string, to *string) bool {
	return s.read(name, optionString, func(o option) error {
		text, ok := jsonString(o.Value)
		if !ok {
			return errMalformed
		}
		*to = strings.TrimSpace(text)
		return nil
	})
}

// parsed reads a text in a form of its own.
func (s *sheet) parsed(name string, parse func(text string) error) bool {
	var text string
	given := s.words(name, &text)
	if given {
		s.err = parse(text)
	}
	return given && s.err == nil
}

// clearable reads a text that can be none, and of several lines: in an option "\n" is
// one's end, and a word says none, since Discord lets nobody type either into it. A form
// is as it was filled in.
func (s *sheet) clearable(name string, to *string) bool {
	return s.parsed(name, func(text string) error {
		switch {
		case s.payload.Type == typeModal:
			*to = text
		case s.texts.none(text):
			*to = ""
		default:
			*to = strings.ReplaceAll(text, `\n`, "\n")
		}
		return nil
	})
}

// coins reads an amount by economy.ParseAmount or, so that it can be 0 or none,
// economy.ParseBalance.
func (s *sheet) coins(name string, parse func(string) (economy.Amount, error), to *economy.Amount) bool {
	return s.parsed(name, func(text string) (err error) {
		if s.texts.none(text) {
			text = "0"
		}
		*to, err = parse(s.texts.amount(text))
		return err
	})
}

// moment reads a time that can be none.
func (s *sheet) moment(name string, to *time.Time) bool {
	return s.parsed(name, func(text string) (err error) {
		if s.texts.none(text) {
			*to = time.Time{}
			return nil
		}
		*to, err = parseTime(text)
		return err
	})
}

// flag reads a truth.
func (s *sheet) flag(name string, to *bool) bool {
	return s.read(name, optionBoolean, func(o option) error {
		*to = string(o.Value) == "true"
		if !*to && string(o.Value) != "false" {
			return errMalformed
		}
		return nil
	})
}

// count reads a whole number.
func count[T int | int64](s *sheet, name string, to *T) bool {
	return s.read(name, optionInteger, func(option) error {
		n, _, err := s.integer(name)
		*to = T(n)
		return err
	})
}

// picked reads one of an option's choices.
func picked[T ~string](s *sheet, name string, from []string, to *T) bool {
	return s.parsed(name, func(text string) error {
		if !slices.Contains(from, text) {
			return errMalformed
		}
		*to = T(text)
		return nil
	})
}

// role reads a role; @everyone, whose id is the server's, means none.
func (s *sheet) role(name string, granted bool, to *economy.RoleID) bool {
	return s.read(name, optionRole, func(o option) error {
		id, ok := jsonString(o.Value)
		known, resolved := s.payload.Data.Resolved.Roles[id]
		switch {
		case !ok || !resolved || !snowflake(id):
			return errMalformed
		case id == string(s.Guild):
			id = ""
		case granted && known.Managed:
			return errManagedRole
		}
		*to = economy.RoleID(id)
		return nil
	})
}

// channel reads a channel that messages can be written to.
func (s *sheet) channel(name string, to *economy.ChannelID) bool {
	return s.read(name, optionChannel, func(o option) error {
		const guildText, announcements = 0, 5
		id, ok := jsonString(o.Value)
		known, resolved := s.payload.Data.Resolved.Channels[id]
		switch {
		case !ok || !resolved || !snowflake(id):
			return errMalformed
		case known.Type != guildText && known.Type != announcements:
			return errTextChannel
		}
		*to = economy.ChannelID(id)
		return nil
	})
}

// parseTime reads "2026-12-24 18:00" and "2026-12-24", both in UTC, "2026-12-24
// 18:00 +01:00", or a time as Discord writes it, "<t:1798130000>", with or without a
// style. Nothing else: of what could be meant in two ways, one is wrong.
// Errors: errTimeFormat.
func parseTime(text string) (time.Time, error) {
	if stamp, ok := strings.CutPrefix(text, "<t:"); ok {
		stamp, closed := strings.CutSuffix(stamp, ">")
		stamp, style, _ := strings.Cut(stamp, ":")
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil || !closed || len(style) > 1 || !digits(stamp) {
			return time.Time{}, errTimeFormat
		}
		return plausible(time.Unix(seconds, 0))
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02", "2006-01-02 15:04 -07:00", "2006-01-02 15:04-07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return plausible(t)
		}
	}
	return time.Time{}, errTimeFormat
}

// plausible refuses times that are nobody's: years that are older than Discord or
// have five digits.
func plausible(t time.Time) (time.Time, error) {
	if t = t.UTC(); t.Year() < 2015 || t.Year() > 9999 {
		return time.Time{}, errTimeFormat
	}
	return t, nil
}
