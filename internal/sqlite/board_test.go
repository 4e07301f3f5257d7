package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"coffer/internal/economy"
)

func TestBoardsAreExactWhateverAnotherProcessDoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "coffer.db")
	here := must[*Store](t)(Open(t.Context(), path))
	defer here.Close()
	there := must[*Store](t)(Open(t.Context(), path))
	defer there.Close()
	ada, bob := economy.Person{User: "10", Name: "Ada"}, economy.Person{User: "11", Name: "Bob"}
	rank := func(p economy.Person) int {
		return must[economy.Wallet](t)(here.Wallet(t.Context(),
			economy.WalletQuery{Guild: "1", Viewer: p, Member: p, At: noon})).Rank.Position
	}
	for round := range 4 {
		for range 2 * usuallyWorthwhile {
			if a, b := rank(ada), rank(bob); a != 1+round%2 || b != 2-round%2 {
				t.Fatalf("round %d: ranks %d and %d", round, a, b)
			}
		}
		if len(here.boards.of["1"].places) != 2 {
			t.Errorf("round %d: the board is not known after many reads", round)
		}
		richer := []economy.Person{bob, ada}[round%2]
		change := must[economy.Adjustment](t)(economy.NewAdjustment(economy.Request{Guild: "1", Source: economy.FromSystem,
			Key: fmt.Sprint(round), At: noon}, ada, richer, economy.KindGive, economy.Amount(10*(round+1)), ""))
		must[economy.AdjustmentReceipt](t)(there.Adjust(t.Context(), change))
	}
}

func TestBoardsAreBounded(t *testing.T) {
	b := newBoards(1)
	for i := range 3 * maxBoards {
		guild := economy.GuildID(fmt.Sprint(i))
		if !b.miss(guild, 1) {
			t.Fatal("not worthwhile")
		}
		b.keep(guild, 1, []place{{id: 1}})
		if _, known := b.find(guild, 1); !known {
			t.Error("a board is forgotten at once")
		}
		if _, known := b.find(guild, 2); known {
			t.Error("a board is taken for that of another version")
		}
	}
	if len(b.of) > maxBoards {
		t.Errorf("%d boards are kept", len(b.of))
	}
}
