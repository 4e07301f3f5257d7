// Package interactions is Discord's way in: it verifies signed webhooks, routes
// each to the command, component or modal it names, and answers in time,
// whatever happens behind it.
//
// commands.go holds the one table from which the routes and the definitions
// that Discord shows both come. A handler takes a Request and returns a Reply;
// only the Handler writes it, at once or, after a deferral, through Webhooks.
package interactions

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// Store is what the commands need of the books; see economy.Store for the contracts.
type Store interface {
	Wallet(context.Context, economy.WalletQuery) (economy.Wallet, error)
	Leaderboard(context.Context, economy.LeaderboardQuery) (economy.LeaderboardPage, error)
	History(context.Context, economy.HistoryQuery) (economy.HistoryPage, error)
	Reversible(ctx context.Context, guild economy.GuildID, limit int) ([]economy.ReversibleTransaction, error)
	Settings(context.Context, economy.GuildID) (economy.Settings, error)
	Rules(context.Context, economy.GuildID) (economy.Rules, error)
	ClaimDaily(context.Context, economy.DailyClaim) (economy.DailyReceipt, error)
	Transfer(context.Context, economy.Transfer) (economy.TransferReceipt, error)
	Adjust(context.Context, economy.Adjustment) (economy.AdjustmentReceipt, error)
	Reverse(context.Context, economy.Reversal) (economy.ReversalReceipt, error)
	ChangeSettings(context.Context, economy.SettingsChange) (economy.Settings, error)
	Shop
	Tasks
	Outbox
}

// Shop is what the commands need of what is sold and owned; see shop.Store for the
// contracts.
type Shop interface {
	Catalogue(context.Context, shop.CatalogueQuery) (shop.CataloguePage, error)
	Offer(context.Context, shop.OfferQuery) (shop.Offer, error)
	ItemNames(context.Context, shop.NamesQuery) ([]shop.ItemName, error)
	CreateItem(context.Context, shop.ItemCreation) (shop.Item, error)
	EditItem(context.Context, shop.ItemEdit) (shop.Item, error)
	ArchiveItem(context.Context, shop.ItemArchival) (shop.Item, error)
	Purchase(context.Context, shop.Purchase) (shop.PurchaseReceipt, error)
	Refund(context.Context, shop.Refund) (shop.RefundReceipt, error)
	Refundable(ctx context.Context, guild economy.GuildID, limit int) ([]shop.RefundablePurchase, error)
	Inventory(context.Context, shop.InventoryQuery) (shop.InventoryPage, error)
	Use(context.Context, shop.Use) (shop.UseReceipt, error)
}

// Tasks is what the commands need of work that is paid for; see tasks.Store for the
// contracts.
type Tasks interface {
	OpenTasks(context.Context, tasks.BoardQuery) (tasks.BoardPage, error)
	TaskOffer(context.Context, tasks.OfferQuery) (tasks.Offer, error)
	Claims(context.Context, tasks.ClaimsQuery) (tasks.ClaimsPage, error)
	TaskNames(context.Context, tasks.NamesQuery) ([]tasks.TaskName, error)
	ReviewQueue(context.Context, tasks.QueueQuery) (tasks.QueuePage, error)
	CreateTask(context.Context, tasks.TaskCreation) (tasks.Task, error)
	EditTask(context.Context, tasks.TaskEdit) (tasks.Task, error)
	MoveTask(context.Context, tasks.TaskMove) (tasks.Task, error)
	ClaimTask(context.Context, tasks.Claiming) (tasks.ClaimReceipt, error)
	SubmitWork(context.Context, tasks.Submitting) (tasks.SubmitReceipt, error)
	DropClaim(context.Context, tasks.Dropping) (tasks.Claim, error)
	ReviewSubmission(context.Context, tasks.Reviewing) (tasks.ReviewReceipt, error)
}

// Outbox is what the commands need of deliveries; see outbox.Store for the contracts.
type Outbox interface {
	Deliveries(ctx context.Context, guild economy.GuildID, before int64, limit int) ([]outbox.Delivery, error)
	RetryDelivery(ctx context.Context, guild economy.GuildID, id int64) (bool, error)
}

// Webhooks writes to Discord by an interaction's token; body is the JSON of a
// message. An error that has a method Temporary() bool and answers false is not
// tried again; any other is.
type Webhooks interface {
	// EditOriginal replaces the interaction's first reply, or the message of its component.
	EditOriginal(ctx context.Context, applicationID, token string, body []byte) error
	// FollowUp sends another message.
	FollowUp(ctx context.Context, applicationID, token string, body []byte) error
}

// Config is what a Handler needs. The zero value of a limit means its default.
type Config struct {
	PublicKey    ed25519.PublicKey // the application's, 32 bytes
	Store        Store
	Webhooks     Webhooks
	Log          *slog.Logger
	Now          func() time.Time // nil: time.Now
	DashboardURL string           // shown by /help; may be empty
	DeferAfter   time.Duration    // 0: 2 s; when Discord is told to wait for the reply
	DeferredLife time.Duration    // 0: 60 s; the most a handler may take in all
	MaxRunning   int              // 0: 512 handlers at once; beyond, members are asked to try again

	// Observe is told of each interaction once its reply was sent, with the name of its
	// command, component or modal, or "unknown". It must not block. nil: nobody is told.
	Observe func(kind, command, outcome string, took time.Duration)
}

const (
	defaultDeferAfter   = 2 * time.Second // Discord gives up after 3
	defaultDeferredLife = time.Minute
	defaultMaxRunning   = 512
)

// Handler serves POST /interactions. Create it with New.
type Handler struct {
	verifier     verifier
	store        Store
	webhooks     Webhooks
	log          *slog.Logger
	now          func() time.Time
	deferAfter   time.Duration
	deferredLife time.Duration
	slots        chan struct{} // one for each handler that runs or waits for its delivery
	large        chan struct{} // one for each body that is larger than usual
	ending       context.Context
	end          context.CancelFunc // of ending: handlers are to stop, replies to go out
	texts        *catalogue
	routes       *routes
	observe      func(kind, command, outcome string, took time.Duration)
}

// New returns a Handler and starts nothing. It panics on a key of the wrong
// length and on an invalid table of commands, which are programming errors.
func New(c Config) *Handler {
	b := &bank{store: c.Store, dashboard: c.DashboardURL}
	return newHandler(c, newTable(b))
}

func newHandler(c Config, t table) *Handler {
	if len(c.PublicKey) != ed25519.PublicKeySize {
		panic("interactions: the public key is not 32 bytes")
	}
	h := &Handler{
		verifier:     newFixedKey(c.PublicKey),
		store:        c.Store,
		webhooks:     c.Webhooks,
		log:          c.Log,
		now:          c.Now,
		deferAfter:   c.DeferAfter,
		deferredLife: c.DeferredLife,
		texts:        texts(),
		routes:       t.routes(),
		observe:      c.Observe,
	}
	if h.observe == nil {
		h.observe = func(string, string, string, time.Duration) {}
	}
	if h.now == nil {
		h.now = time.Now
	}
	if h.deferAfter == 0 {
		h.deferAfter = defaultDeferAfter
	}
	if h.deferredLife == 0 {
		h.deferredLife = defaultDeferredLife
	}
	if c.MaxRunning == 0 {
		c.MaxRunning = defaultMaxRunning
	}
	h.slots = make(chan struct{}, c.MaxRunning)
	h.large = make(chan struct{}, maxLarge)
	h.ending, h.end = context.WithCancel(context.Background()) //nolint:gosec // Drain calls it
	return h
}
