package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// TestOlderPurchasesAreHeldSinceTheyWereMade, so that an update gives back what was lost
// before it, and nothing else.
func TestOlderPurchasesAreHeldSinceTheyWereMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "coffer.db")
	s := must[*Store](t)(Open(t.Context(), path))
	request := func(key string) economy.Request {
		return economy.Request{Guild: "1", Source: economy.FromSystem, Key: key, At: noon}
	}
	ada := economy.Person{User: "5", Name: "Ada"}
	item := must[shop.Item](t)(s.CreateItem(t.Context(), must[shop.ItemCreation](t)(shop.NewItemCreation(request("a"), ada,
		shop.Terms{Name: "Badge", Price: 1, Role: "7001"}, shop.Stock{}))))
	must[shop.PurchaseReceipt](t)(s.Purchase(t.Context(), must[shop.Purchase](t)(shop.NewPurchase(request("b"), ada, nil, item.ID, 1, 1))))
	for _, older := range []string{"ALTER TABLE entitlements DROP COLUMN held_since", "DELETE FROM goose_db_version WHERE version_id >= 17"} {
		if _, err := s.writer.conn.ExecContext(t.Context(), older); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = must[*Store](t)(Open(t.Context(), path))
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i, joined := range []time.Time{noon, noon.Add(time.Microsecond), noon.Add(time.Microsecond)} {
		ada.Joined = joined
		if got, want := must[int](t)(s.Restore(t.Context(), "1", []economy.Person{ada}, noon.Add(time.Hour))), []int{0, 1, 0}[i]; got != want {
			t.Errorf("%v: %d roles were given back, want %d", joined, got, want)
		}
	}
}
