package outbox_test

import (
	"strings"
	"testing"

	"coffer/internal/outbox"
)

func TestCleanError(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "Missing Permissions": "Missing Permissions", "a\nb\x00c\xff": "a b c\ufffd",
		strings.Repeat("é", 300): strings.Repeat("é", 300), strings.Repeat("é", 301): strings.Repeat("é", 299) + "…",
	} {
		if got := outbox.CleanError(text); got != want {
			t.Errorf("CleanError(%.20q) = %q, want %q", text, got, want)
		}
	}
}
