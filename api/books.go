package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// books proves that the ledger of a guild balances. That looks at all that the guild
// has, so it is done at most once a minute for each guild, and for one guild at a time.
type books struct {
	store economy.Bookkeeper
	now   func() time.Time
	turn  chan struct{} // holds a token while books are checked
	runs  singleflight.Group

	mu   sync.Mutex
	last map[economy.GuildID]checked
}

// checked are books and when they were asked for, by this server's clock.
type checked struct {
	economy.Books
	asked time.Time
}

const (
	booksLife     = time.Minute
	booksTime     = 10 * time.Minute // that a check may take
	booksPatience = 20 * time.Second // that a request waits for one
)

var errBooksBusy = problem.New(problem.Unavailable, "books_being_checked",
	"The books are being checked, which takes a while for a large server. Ask again in a moment.")

func newBooks(store economy.Bookkeeper, now func() time.Time) *books {
	return &books{store: store, now: now, turn: make(chan struct{}, 1), last: map[economy.GuildID]checked{}}
}

type booksJSON struct {
	Balanced     bool            `json:"balanced"`
	At           time.Time       `json:"at"`
	Mint         economy.Amount  `json:"mint"`
	Shop         economy.Amount  `json:"shop"`
	Burn         economy.Amount  `json:"burn"`
	Members      economy.Amount  `json:"members"`
	Entries      int64           `json:"entries"`
	Transactions int64           `json:"transactions"`
	Invariants   []invariantJSON `json:"invariants"`
}

type invariantJSON struct {
	Name      string  `json:"name"`
	Statement string  `json:"statement"`
	Broken    int     `json:"broken"`
	Example   *string `json:"example"`
}

// get sends the newest proof: one that was made within the last minute, or a new one.
// Where that takes too long, an older one.
func (b *books) get(w http.ResponseWriter, r *http.Request) error {
	if err := queryOf(r).Err(); err != nil {
		return err
	}
	guild := guildOf(r)
	found, known := b.kept(guild)
	if !known || b.now().Sub(found.asked) >= booksLife {
		fresh, err := b.check(r.Context(), guild)
		switch {
		case err == nil:
			found = fresh
		case !known:
			return err
		}
	}
	write(w, http.StatusOK, showBooks(found.Books))
	return nil
}

func (b *books) kept(guild economy.GuildID) (checked, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	found, known := b.last[guild]
	return found, known
}

// check has the books checked; whoever asks meanwhile shares the check, and it goes on
// if nobody waits for it any more.
func (b *books) check(ctx context.Context, guild economy.GuildID) (checked, error) {
	detached := context.WithoutCancel(ctx)
	answer := b.runs.DoChan(string(guild), func() (any, error) {
		ctx, cancel := context.WithTimeout(detached, booksTime)
		defer cancel()
		select {
		case b.turn <- struct{}{}:
			defer func() { <-b.turn }()
		case <-ctx.Done():
			return checked{}, errBooksBusy
		}
		asked := b.now()
		found, err := b.store.Books(ctx, guild)
		if err != nil {
			return checked{}, err
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.last[guild] = checked{found, asked}
		return b.last[guild], nil
	})
	patience := time.NewTimer(booksPatience)
	defer patience.Stop()
	select {
	case result := <-answer:
		if result.Err != nil {
			return checked{}, result.Err
		}
		return result.Val.(checked), nil
	case <-patience.C:
		return checked{}, errBooksBusy.With(retryAfter, seconds(booksPatience))
	case <-ctx.Done():
		return checked{}, errBooksBusy.Because(ctx.Err())
	}
}

func showBooks(b economy.Books) booksJSON {
	out := booksJSON{
		Balanced: b.Balanced(), At: b.At, Mint: b.Mint, Shop: b.Shop, Burn: b.Burn, Members: b.Members,
		Entries: b.Entries, Transactions: b.Transactions, Invariants: []invariantJSON{},
	}
	for _, f := range b.Findings {
		shown := invariantJSON{Name: f.Name, Statement: f.Statement, Broken: f.Broken}
		if f.Broken > 0 {
			shown.Example = &f.Example
		}
		out.Invariants = append(out.Invariants, shown)
	}
	return out
}
