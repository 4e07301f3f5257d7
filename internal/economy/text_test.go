package economy_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"coffer/internal/economy"
)

func TestFold(t *testing.T) {
	for name, want := range map[string]string{
		"Cake": "cake", "  CAKE\t": "cake", "ÉLAN": "élan", "E\u0301": "e\u0301", "ΣΑΣ": "σασ", "ς": "ς", "Straße": "straße", "\u212a": "k",
		"": "", "a\x00b\n": "a\ufffdb", "b\xff": "b\ufffd", "🪙": "🪙", "İ": "i", "ǅ": "ǆ",
	} {
		if got := economy.Fold(name); got != want {
			t.Errorf("Fold(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add("Cake\x00\xff Σ")
	f.Fuzz(func(t *testing.T, name string) {
		once := economy.Fold(name)
		if again := economy.Fold(once); again != once || !utf8.ValidString(once) || strings.ContainsRune(once, 0) {
			t.Errorf("Fold(%q) = %q, and again %q", name, once, again)
		}
	})
}
