// Package storetest is the contract of the stores' ports as tests: every adapter
// runs the same stories, races and random sequences. Only tests import it.
//
// Where the port's doc comments leave a detail open, the suite decides:
//
//   - First contact comes before the operation proper, under the settings as
//     they were: the guild, then the actor (claimant, payer, admin, viewer),
//     then the subject (payee, member). Equal balances rank in that order.
//   - A key is looked up before anything else. A repeated request returns its
//     stored receipt and changes nothing, not even a name; so does a refusal.
//   - Reads do not change the name of a member they know. Bytes of a name that
//     are not UTF-8 become U+FFFD; a very long name may be cut.
//   - A transfer checks the payer's coins before the payee's room, a daily
//     claim the day before the room, a reversal in the order unknown,
//     irreversible, already reversed, insufficient funds.
//   - An admin acts as a member: first contact creates him, with his opening. One who
//     acts as an account of the dashboard is no member, and nothing tells of his first
//     act but what it did; the name that he is shown by is the newest that a write
//     told, if it was not empty.
//   - Numbers of transactions decide what is newest, not their times.
//   - Reversible lists what was not reversed and is no reversal itself, whether
//     or not the balances would allow it now; From is who lost coins.
//   - Sizes and limits are clamped to 1..economy.MaxPage, pages to 1 and up. A
//     leaderboard ends at economy.ExactRanks, wherever its last page began.
//   - In a history, Newer and Older tell of entries beside the range that was
//     asked for, even where the page itself is empty.
//   - TopPercent is 100*position/members, rounded up, at the time of the snapshot.
//   - ForgetRequests forgets what is strictly older than its argument.
//   - Times that a store returns are in UTC.
//   - A call whose context is done already fails, with any error, and does nothing.
//   - An Offer of an unknown item meets its viewer all the same.
//   - A change that is to the same is remembered under its key like any other.
//   - Leases of one moment go by number. A lease for no time is over at once.
//   - ExpireRoles goes through the purchases by number.
//   - Meet of nobody, or of bots only, creates the guild, and so does Join.
//   - A TaskOffer of an unknown task and a ReviewQueue that is refused meet their
//     viewers all the same.
//   - SubmitWork and DropClaim know the claims that run as they are written: one
//     that was written to be Expired is tasks.ErrNoClaim.
//   - A rejection after the claim's time leaves it Rejected; that it is over show
//     Left and Due, as everywhere (tasks.Task.Standing).
//   - A claim first expires the member's own claim that is over, and only where no
//     place is left then, the others of the task, by number.
//   - OpenTasks and TaskOffer tell the places as a claim would find them, without
//     those that are over; a card tells them as they are written.
//   - Each write of a claim that takes or frees a place has a delivery of the task's
//     card, even where as many are taken as before.
//   - TidyTasks goes through the claims by number, each with its event and then the
//     card, and then through the tasks by number.
//   - Work that no person reviews is reviewed when it is handed in, with 100 percent
//     where it is accepted.
//   - A card's delivery tells the name of its notice and, wherever it is listed, the
//     card's channel as it is now. A card that is given a message is, from then on, in
//     the channel of the lease under which that was posted.
//
// Events, in the order of what they tell, ascending by id:
//
//	kind              actor   subject            before    after
//	guild.created     0       guild              null      settings
//	member.created    0       member:<id>        null      null
//	opening           0       transaction:<id>   balances  balances
//	other economy.Kind  who   transaction:<id>   balances  balances
//	member.erased     who     member:<id>        null      null
//	settings.changed  who     guild              settings  settings
//	item.created      who     item:<id>          null      item
//	item.changed      who     item:<id>          item      item
//	item.archived     who     item:<id>          item      item
//	item.used         who     item:<id>          null      null
//	task.created      who     task:<id>          null      task
//	task.changed      who     task:<id>          task      task
//	task.opened       who     task:<id>          task      task
//	task.closed       who, 0  task:<id>          task      task
//	task.archived     who     task:<id>          task      task
//	claim.created     who     claim:<id>         null      claim
//	claim.<state>     who, 0  claim:<id>         claim     claim
//
// Actors and member subjects are surrogate ids; balances are
// {"balances":{"<surrogate id>":coins,...}} of the members whom the transaction
// touches, settings are economy.Settings as JSON, items shop.Item, tasks tasks.Task,
// and claims {"task":<id>,"state":"..."}. A refund that compensates a failed delivery
// has the actor 0, and so have an expiry and TidyTasks.
package storetest

import (
	"context"
	"strconv"
	"testing"
	"time"

	"coffer/internal/doctor"
	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// Store is what the suite needs of an adapter.
type Store interface {
	economy.Store
	economy.Office
	shop.Store
	tasks.Store
	outbox.Store
	events.Reader

	shop.Office
	tasks.Office
	outbox.Office
	events.Follower
	events.Trail
	events.Statistics
	economy.Bookkeeper

	// Condition is doctor.Store's.
	Condition(context.Context) (doctor.Condition, error)
}

// Run runs the suite. Open returns a fresh, empty store for each call, which
// t.Cleanup closes. With -short, storms and random sequences are smaller and
// the guild of more than a thousand members is left out.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, chapter := range []struct {
		name string
		tell func(*book)
	}{
		{"contact", contact},
		{"welcomes", welcomes},
		{"daily", daily},
		{"transfer", transfer},
		{"adjust", adjust},
		{"reverse", reverse},
		{"requests", requests},
		{"forgetting", forgetting},
		{"history", history},
		{"leaderboard", leaderboard},
		{"crowd", crowd},
		{"settings", settings},
		{"actors", actors},
		{"office", office},
		{"lists", lists},
		{"erasure", erasure},
		{"shop", items},
		{"purchases", purchases},
		{"refunds", refunds},
		{"inventory", inventory},
		{"roles", roles},
		{"rejoining", rejoining},
		{"outbox", deliveries},
		{"tasks", duties},
		{"claims", claiming},
		{"work", work},
		{"reviews", reviewing},
		{"bulletin", bulletin},
		{"overdue", overdue},
		{"cards", cards},
		{"work office", workOffice},
		{"goods office", goodsOffice},
		{"events", eventLog},
		{"following", following},
		{"trail", trail},
		{"stats", stats},
		{"condition", condition},
		{"books", books},
		{"races", races},
		{"task races", taskRaces},
		{"contexts", contexts},
		{"hostile", hostile},
		{"audit", audit},
		{"storm", storm},
	} {
		t.Run(chapter.name, func(t *testing.T) {
			b := &book{t: t, store: open(t)}
			chapter.tell(b)
			clean(t, b.store)
		})
	}
	t.Run("differential", func(t *testing.T) { RunDifferential(t, open(t)) })
}

// book is a chapter's stories on one store; each has a guild of its own.
type book struct {
	t      *testing.T
	store  Store
	guilds int
}

// story runs one story and audits the books behind it; with -short that is left to the
// end of the chapter.
func (b *book) story(name string, tell func(*scene)) {
	b.t.Helper()
	b.t.Run(name, func(t *testing.T) {
		s := b.scene(t)
		tell(s)
		if !testing.Short() {
			clean(t, b.store)
		}
	})
}

// scene returns a scene in a guild that the store has not met.
func (b *book) scene(t testing.TB) *scene {
	b.guilds++
	return &scene{
		t:     t,
		ctx:   context.Background(),
		book:  b,
		store: b.store,
		guild: economy.GuildID(strconv.Itoa(900_000_000_000_000_000 + b.guilds)),
		now:   time.Date(2024, 5, 14, 12, 0, 0, 0, time.UTC),
	}
}

// clean fails the test where an audit finds the books broken.
func clean(t testing.TB, store economy.Store) economy.Audit {
	t.Helper()
	got, err := store.Audit(context.Background())
	if err != nil {
		t.Errorf("Audit: %v", err)
		return got
	}
	if len(got.Findings) != len(economy.Invariants) {
		t.Errorf("Audit checked %d invariants, want %d", len(got.Findings), len(economy.Invariants))
		return got
	}
	for i, f := range got.Findings {
		if f.Invariant != economy.Invariants[i] {
			t.Errorf("finding %d is of %q, want %q", i, f.Name, economy.Invariants[i].Name)
		}
		if f.Broken != 0 {
			t.Errorf("broken %d times: %s (%s), for example %s", f.Broken, f.Name, f.Statement, f.Example)
		}
	}
	return got
}
