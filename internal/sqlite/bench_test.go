package sqlite

import (
	"fmt"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"coffer/internal/economy"
)

// BenchmarkTransfer has members pay each other, 64 at once, each commit durable.
func BenchmarkTransfer(b *testing.B) {
	const people = 1000
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "coffer.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	who := func(n int64) economy.Person {
		n %= people
		return economy.Person{User: economy.UserID(strconv.FormatInt(900_000+n, 10)), Name: fmt.Sprint("member ", n)}
	}
	for n := range int64(people) {
		request := economy.Request{Guild: "1", Source: economy.FromSystem, Key: fmt.Sprint("give ", n), At: noon}
		gift, err := economy.NewAdjustment(request, economy.Person{User: "1", Name: "Root"}, who(n), economy.KindGive, 1_000_000, "")
		if err == nil {
			_, err = s.Adjust(b.Context(), gift)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	var count atomic.Int64
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := count.Add(1)
			request := economy.Request{Guild: "1", Source: economy.FromDiscord, Key: fmt.Sprint(n), At: noon.Add(time.Duration(n) * time.Millisecond)}
			payment, err := economy.NewTransfer(request, who(n*7), who(n*7+1+n%5), economy.Coins(1), "")
			if err == nil {
				_, err = s.Transfer(b.Context(), payment)
			}
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}
