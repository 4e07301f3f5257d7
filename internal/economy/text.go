package economy

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold returns a name as names are compared and ordered: without blanks around it,
// in lower case (of each character by itself, after Unicode), byte by byte. It is
// valid UTF-8 without control characters, whatever the name is.
func Fold(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return unicode.ToLower(r)
	}, strings.TrimSpace(name))
}

// IsLine reports whether s is one line of printable text of low to high characters.
func IsLine(s string, low, high int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && low <= n && n <= high && printable(s)
}

// IsText is IsLine for any number of lines.
func IsText(s string, low, high int) bool {
	return IsLine(strings.ReplaceAll(s, "\n", " "), low, high)
}

// MaxPicture is the most bytes of a picture's address.
const MaxPicture = 512

// IsPicture reports whether s can be the address of a picture: https, or empty for none.
func IsPicture(s string) bool {
	if s == "" {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && len(s) <= MaxPicture && u.Scheme == "https" && u.Host != "" && u.User == nil && IsLine(s, 1, MaxPicture)
}
