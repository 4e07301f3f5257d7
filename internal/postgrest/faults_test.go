package postgrest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/shop"
	"coffer/internal/storetest"
	"coffer/internal/supabasetest"
)

// patience is how long a caller in a storm of faults waits for one answer.
const patience = time.Second

// hurried is a store whose callers give up.
type hurried struct{ *Store }

func hurry[A, R any](ctx context.Context, do func(context.Context, A) (R, error), arg A) (R, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return do(ctx, arg)
}

func (h hurried) ClaimDaily(ctx context.Context, c economy.DailyClaim) (economy.DailyReceipt, error) {
	return hurry(ctx, h.Store.ClaimDaily, c)
}

func (h hurried) Transfer(ctx context.Context, c economy.Transfer) (economy.TransferReceipt, error) {
	return hurry(ctx, h.Store.Transfer, c)
}

func (h hurried) Adjust(ctx context.Context, c economy.Adjustment) (economy.AdjustmentReceipt, error) {
	return hurry(ctx, h.Store.Adjust, c)
}

func (h hurried) Reverse(ctx context.Context, c economy.Reversal) (economy.ReversalReceipt, error) {
	return hurry(ctx, h.Store.Reverse, c)
}

func (h hurried) Purchase(ctx context.Context, c shop.Purchase) (shop.PurchaseReceipt, error) {
	return hurry(ctx, h.Store.Purchase, c)
}

func (h hurried) Refund(ctx context.Context, c shop.Refund) (shop.RefundReceipt, error) {
	return hurry(ctx, h.Store.Refund, c)
}

func (h hurried) Use(ctx context.Context, c shop.Use) (shop.UseReceipt, error) {
	return hurry(ctx, h.Store.Use, c)
}

// TestAStormWithFaultsNeitherMakesNorLosesACoin has one request in ten go wrong
// between the server and PostgREST, in every way that a request can. Some arrive
// although their callers have given up, and after they were repeated.
func TestAStormWithFaultsNeitherMakesNorLosesACoin(t *testing.T) {
	thorough(t)
	workers, ops := 64, 500
	if storetest.RaceDetector { // so many wait for each other longer than they have patience
		workers = 8
	}
	if os.Getenv("COFFER_SOAK") != "" {
		ops = 10_000
	}
	p := newProject(t)
	s := p.store(t)
	faults := []supabasetest.Fault{
		supabasetest.Drop(),
		supabasetest.LoseAnswer(),
		supabasetest.After(supabasetest.Status(http.StatusGatewayTimeout)),
		supabasetest.Status(http.StatusBadGateway),
		supabasetest.Status(http.StatusServiceUnavailable),
		supabasetest.Status(http.StatusGatewayTimeout),
		supabasetest.Status(544),
		supabasetest.Truncate(10),
		supabasetest.Garbage(),
		supabasetest.DelayRequest(patience + 200*time.Millisecond),
		supabasetest.DelayAnswer(patience + 200*time.Millisecond),
		supabasetest.DelayAnswer(patience / 4),
	}
	var requests, faulty atomic.Int64
	p.Plant(func(*http.Request) supabasetest.Fault {
		requests.Add(1)
		if mathrand.IntN(10) > 0 {
			return nil
		}
		return faults[faulty.Add(1)%int64(len(faults))]
	})
	j := storetest.Storm(t.Context(), t, hurried{s}, 17, workers, ops)
	p.Plant(nil)
	unknown, acknowledged := 0, 0
	for _, w := range j.Writes {
		switch {
		case w.Unknown():
			unknown++
		case w.Receipt != nil:
			acknowledged++
		}
	}
	p.quiet(t)
	j.Check(t.Context(), t, s)
	t.Logf("%d operations by %d workers, %d of them writes; %d of %d requests went wrong; "+
		"%d writes were acknowledged at once, %d only when they were repeated with their key",
		ops, workers, len(j.Writes), faulty.Load(), requests.Load(), acknowledged, unknown)
	if faulty.Load() < requests.Load()/20 || acknowledged < len(j.Writes)/10 {
		t.Error("that was no storm of faults: too few went wrong, or too few well")
	}
}

// quiet waits until no request is on its way any more.
func (p *project) quiet(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		var busy int
		if err := p.admin.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
				AND backend_type = 'client backend' AND query NOT LIKE 'LISTEN%'`).Scan(&busy); err != nil {
			t.Fatal(err)
		}
		if busy == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d sessions are still at work", busy)
		}
	}
}

// TestARequestThatNobodyWaitsForAnyMoreDoesNothing has a payment arrive after its
// sender has given up, sent it again and been refused.
func TestARequestThatNobodyWaitsForAnyMoreDoesNothing(t *testing.T) {
	thorough(t)
	p := newProject(t)
	s := p.store(t)
	ada, bob := economy.Person{User: "10", Name: "Ada"}, economy.Person{User: "11", Name: "Bob"}
	request := func(key string) economy.Request {
		return economy.Request{Guild: "1", Source: economy.FromDiscord, Key: key, At: noon}
	}
	payment := must[economy.Transfer](t)(economy.NewTransfer(request("late"), ada, bob, economy.Coins(150), ""))

	release, arrived := make(chan struct{}), make(chan int, 1)
	p.Plant(func(*http.Request) supabasetest.Fault {
		return func(ctx context.Context, _ http.ResponseWriter, r *http.Request, forward http.Handler) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			late := r.Clone(ctx)
			late.Body = io.NopCloser(bytes.NewReader(body))
			<-release
			answer := httptest.NewRecorder()
			forward.ServeHTTP(answer, late)
			arrived <- answer.Code
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // in which it arrives
	defer cancel()
	if _, err := s.Transfer(ctx, payment); !errors.Is(err, problem.ErrUnsettled) {
		t.Errorf("the sender is told %v, want %v", err, problem.ErrUnsettled)
	}
	p.Plant(nil)
	if _, err := s.Transfer(t.Context(), payment); !errors.Is(err, economy.ErrInsufficientFunds) {
		t.Errorf("the repetition is told %v, want %v", err, economy.ErrInsufficientFunds)
	}
	gift := must[economy.Adjustment](t)(economy.NewAdjustment(request("gift"), bob, ada, economy.KindGive, 100, ""))
	must[economy.AdjustmentReceipt](t)(s.Adjust(t.Context(), gift))
	close(release)
	if got := <-arrived; got != http.StatusGatewayTimeout { // at a 503, PostgREST would connect anew
		t.Errorf("the late request is answered with %d, want 504", got)
	}
	wallet := must[economy.Wallet](t)(s.Wallet(t.Context(), economy.WalletQuery{Guild: "1", Viewer: ada, Member: ada, At: noon}))
	if wallet.Balance != 200 {
		t.Errorf("Ada has %d coins, want 200: she was told that she paid nothing", wallet.Balance)
	}
}

// TestARefusalAfterALostRequestIsNotBelieved has a gateway give up at once on a
// payment that then arrives all the same, after it was sent again and refused.
func TestARefusalAfterALostRequestIsNotBelieved(t *testing.T) {
	thorough(t)
	p := newProject(t)
	s := p.store(t)
	ada, bob := economy.Person{User: "10", Name: "Ada"}, economy.Person{User: "11", Name: "Bob"}
	payment := must[economy.Transfer](t)(economy.NewTransfer(
		economy.Request{Guild: "1", Source: economy.FromDiscord, Key: "k", At: noon}, ada, bob, economy.Coins(150), ""))
	var once sync.Once
	p.Plant(func(*http.Request) (fault supabasetest.Fault) {
		once.Do(func() { fault = supabasetest.Status(http.StatusBadGateway) })
		return fault
	})
	if _, err := s.Transfer(t.Context(), payment); !errors.Is(err, problem.ErrUnsettled) {
		t.Errorf("got %v, want %v", err, problem.ErrUnsettled)
	}
}

func TestClocksMayDiffer(t *testing.T) {
	thorough(t)
	p := newProject(t)
	for _, skew := range []time.Duration{-time.Hour, time.Hour} {
		s := p.store(t)
		s.client.clock.learned.Store(&reading{skew, time.Now()}) // as if this machine's clock were wrong by that
		for i := range 2 {
			p.Forget()
			claim := must[economy.DailyClaim](t)(economy.NewDailyClaim(
				economy.Request{Guild: "1", Source: economy.FromDiscord, Key: rand.Text(), At: noon},
				economy.Person{User: economy.UserID(rand.Text())}))
			must[economy.DailyReceipt](t)(s.ClaimDaily(t.Context(), claim))
			want := 1
			if i == 0 && skew < 0 {
				want = 2 // the first answer tells the database's clock
			}
			if got := len(p.Requests()); got != want {
				t.Errorf("write %d with clocks %v apart took %d requests, want %d", i, skew, got, want)
			}
		}
	}
}
