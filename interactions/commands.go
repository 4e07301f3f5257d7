package interactions

import (
	"context"

	"coffer/internal/economy"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// bank is what the commands work with.
type bank struct {
	store     Store
	dashboard string
	commands  []*command // the table's, for /help
}

// handlerFunc answers one interaction. It decides; the Handler writes.
type handlerFunc func(context.Context, *Request) (Reply, error)

// table is everything that Discord can ask for, by name.
type table struct {
	commands   []*command
	components []*component
	modals     []*component
}

// command is a slash command: its route and its definition. Its descriptions
// and its names in other languages stand in the locales.
type command struct {
	name       string // full: "admin coins give"
	private    bool   // only the caller sees the replies
	manager    bool   // needs Manage Guild, or the guild's admin role
	opensModal bool   // may reply with a modal, and so cannot be deferred
	options    []parameter
	run        handlerFunc
	writes     func(*Request) bool // with opensModal: whether this request does not and can
	complete   handlerFunc         // answers the autocompletion of its options
}

// component is a button or a menu, or a modal. It is reached by the name before
// the first colon of its custom id.
type component struct {
	name       string
	manager    bool
	opensModal bool
	run        handlerFunc
}

// parameter is an option of a command.
type parameter struct {
	name      string
	kind      uint8
	required  bool
	completed bool     // as one types
	chosen    []string // from which, of a string; each has a name in the locales
	most      int      // characters, of a string
	least     int64    // of an integer
	greatest  int64    // of an integer
}

// newTable is THE table: what is not here does not exist.
func newTable(b *bank) table {
	member := parameter{name: "member", kind: optionUser}
	target := parameter{name: "member", kind: optionUser, required: true}
	amount := parameter{name: "amount", kind: optionString, required: true, most: 32}
	note := parameter{name: "note", kind: optionString, most: 200}
	reason := parameter{name: "reason", kind: optionString, most: 200}
	which := parameter{name: "transaction", kind: optionString, required: true, completed: true, most: 32}
	item := parameter{name: "item", kind: optionString, required: true, completed: true, most: 100}
	category := parameter{name: "category", kind: optionString, completed: true, most: shop.MaxCategory}
	quantity := parameter{name: "quantity", kind: optionInteger, least: 1, greatest: shop.MaxQuantity}
	task := parameter{name: "task", kind: optionString, required: true, completed: true, most: 100}
	work := parameter{name: "text", kind: optionString, most: 2000}
	image := parameter{name: "image", kind: optionFile}
	purchase := parameter{name: "purchase", kind: optionString, required: true, completed: true, most: 32}

	t := table{
		commands: []*command{
			{name: "balance", private: true, options: []parameter{member}, run: b.balance},
			{name: "daily", run: b.daily},
			{name: "pay", options: []parameter{target, amount, note}, run: b.pay},
			{name: "leaderboard", run: b.leaderboard},
			{name: "history", private: true, options: []parameter{member}, run: b.history},
			{name: "shop", private: true, options: []parameter{category}, run: b.shop, complete: b.completeCategory},
			{name: "buy", private: true, options: []parameter{item, quantity}, run: b.buy, complete: b.completeItem},
			{name: "inventory", private: true, options: []parameter{member}, run: b.inventory},
			{name: "use", private: true, options: []parameter{item}, run: b.use, complete: b.completeOwned},
			{name: "tasks", private: true, run: b.tasks},
			{name: "task claim", private: true, options: []parameter{task}, run: b.claim, complete: b.completeClaimable},
			{name: "task submit", private: true, opensModal: true, writes: (*Request).handsIn, options: []parameter{task, work, image}, run: b.submit, complete: b.completeMine},
			{name: "task drop", private: true, options: []parameter{task}, run: b.drop, complete: b.completeMine},
			{name: "review", private: true, run: b.review},
			{name: "help", private: true, run: b.help},
			{name: "admin coins give", private: true, manager: true, options: []parameter{target, amount, reason}, run: b.give},
			{name: "admin coins take", private: true, manager: true, options: []parameter{target, amount, reason}, run: b.take},
			{name: "admin coins set", private: true, manager: true, options: []parameter{target, amount, reason}, run: b.set},
			{name: "admin undo", private: true, manager: true, options: []parameter{which, reason}, run: b.undo, complete: b.undoable},
			{name: "admin item create", private: true, manager: true, options: itemTerms(true), run: b.createItem},
			{name: "admin item edit", private: true, manager: true, options: append([]parameter{item}, itemTerms(false)...), run: b.editItem, complete: b.completeAnyItem},
			{name: "admin item archive", private: true, manager: true, options: []parameter{item}, run: b.archiveItem, complete: b.completeAnyItem},
			{name: "admin task create", private: true, manager: true, options: append(taskTerms(true), parameter{name: "draft", kind: optionBoolean}), run: b.createTask, complete: b.completeAnyTask},
			{name: "admin task edit", private: true, manager: true, options: append([]parameter{task}, taskTerms(false)...), run: b.editTask, complete: b.completeAnyTask},
			{name: "admin task open", private: true, manager: true, options: []parameter{task}, run: b.openTask, complete: b.completeAnyTask},
			{name: "admin task close", private: true, manager: true, options: []parameter{task}, run: b.closeTask, complete: b.completeAnyTask},
			{name: "admin task archive", private: true, manager: true, options: []parameter{task}, run: b.archiveTask, complete: b.completeAnyTask},
			{name: "admin refund", private: true, manager: true, options: []parameter{purchase, reason}, run: b.refund, complete: b.refundable},
			{name: "admin deliveries", private: true, manager: true, run: b.deliveries},
			{name: "admin settings", private: true, manager: true, options: guildSettings(), run: b.settings},
		},
		components: []*component{
			{name: "leaderboard", run: b.turnLeaderboard},
			{name: "history", run: b.turnHistory},
			{name: "undo", manager: true, run: b.pressUndo},
			{name: "shop", run: b.turnShop},
			{name: "category", run: b.pickCategory},
			{name: "item", run: b.pickItem},
			{name: "buy", run: b.pressBuy},
			{name: "confirm", run: b.pressConfirm},
			{name: "cancel", run: b.pressCancel},
			{name: "inventory", run: b.turnInventory},
			{name: "tasks", run: b.turnTasks},
			{name: "claims", run: b.turnClaims},
			{name: "task", run: b.pickTask},
			{name: "claim", run: b.pressClaim},
			{name: "take", run: b.pressTake},
			{name: "submit", opensModal: true, run: b.pressSubmit},
			{name: "handin", run: b.pressHandIn},
			{name: "drop", run: b.pressDrop},
			{name: "review", run: b.turnReview},
			{name: "approve", run: b.pressApprove},
			{name: "part", opensModal: true, run: b.pressPart},
			{name: "reject", opensModal: true, run: b.pressReject},
			{name: "deliveries", manager: true, run: b.turnDeliveries},
			{name: "retry", manager: true, run: b.pickRetry},
			{name: "edititem", manager: true, opensModal: true, run: b.pressEditItem},
			{name: "edittask", manager: true, opensModal: true, run: b.pressEditTask},
			{name: "settings", manager: true, opensModal: true, run: b.pressSettings},
		},
		modals: []*component{
			{name: "work", run: b.sendWork},
			{name: "part", run: b.sendPart},
			{name: "reject", run: b.sendReject},
			{name: "edititem", manager: true, run: b.sendEditItem},
			{name: "edittask", manager: true, run: b.sendEditTask},
			{name: "settings", manager: true, run: b.sendSettings},
		},
	}
	b.commands = t.commands
	return t
}

// itemTerms are what an admin decides about an item; new ones need a name and a price.
func itemTerms(created bool) []parameter {
	return []parameter{
		{name: "name", kind: optionString, required: created, most: shop.MaxName},
		{name: "price", kind: optionString, required: created, most: 32},
		{name: "description", kind: optionString, most: shop.MaxDescription},
		{name: "category", kind: optionString, most: shop.MaxCategory},
		{name: "stock", kind: optionString, most: 32},
		{name: "limit", kind: optionInteger, greatest: shop.MaxStock},
		{name: "role", kind: optionRole},
		{name: "hours", kind: optionInteger, greatest: shop.MaxRoleHours},
		{name: "required_role", kind: optionRole},
		{name: "minimum_balance", kind: optionString, most: 32},
		{name: "picture", kind: optionString, most: economy.MaxPicture},
		{name: "usable", kind: optionBoolean},
		{name: "message", kind: optionString, most: shop.MaxUseMessage},
		{name: "from", kind: optionString, most: 40},
		{name: "until", kind: optionString, most: 40},
	}
}

// taskTerms are what an admin decides about a task; new ones need a title and a reward.
func taskTerms(created bool) []parameter {
	return []parameter{
		{name: "title", kind: optionString, required: created, most: tasks.MaxTitle},
		{name: "reward", kind: optionString, required: created, most: 32},
		{name: "description", kind: optionString, most: tasks.MaxDescription},
		{name: "picture", kind: optionString, most: economy.MaxPicture},
		{name: "proof", kind: optionString, chosen: proofs},
		{name: "reviewer", kind: optionString, chosen: reviewers},
		{name: "answer", kind: optionString, most: tasks.MaxAnswer},
		{name: "places", kind: optionInteger, greatest: tasks.MaxPlaces},
		{name: "repeat", kind: optionString, chosen: repeats},
		{name: "deadline", kind: optionString, most: 40},
		{name: "hours", kind: optionInteger, greatest: tasks.MaxClaimHours},
		{name: "tries", kind: optionInteger, least: 1, greatest: tasks.MaxTries},
		{name: "required_role", kind: optionRole},
		{name: "prerequisite", kind: optionString, completed: true, most: 100},
	}
}

// The choices of options.
var (
	proofs    = []string{string(tasks.ProofText), string(tasks.ProofLink), string(tasks.ProofImage), string(tasks.ProofNone)}
	reviewers = []string{string(tasks.ByPerson), string(tasks.ByAnswer), string(tasks.ByNobody)}
	repeats   = []string{string(tasks.Once), string(tasks.Daily), string(tasks.Weekly)}
	channels  = []string{"admin_channel", "task_channel", "review_channel", "welcome_channel"}
)

// guildSettings are what an admin decides about a guild.
func guildSettings() []parameter {
	return []parameter{
		{name: "currency", kind: optionString, most: 32},
		{name: "symbol", kind: optionString, most: 64},
		{name: "starting_balance", kind: optionString, most: 32},
		{name: "daily_amount", kind: optionString, most: 32},
		{name: "streak_bonus", kind: optionString, most: 32},
		{name: "streak_cap", kind: optionInteger, greatest: 365},
		{name: "grace", kind: optionInteger, greatest: 6},
		{name: "time_zone", kind: optionString, most: 64},
		{name: "highest_balance", kind: optionString, most: 32},
		{name: "admin_channel", kind: optionChannel},
		{name: "task_channel", kind: optionChannel},
		{name: "review_channel", kind: optionChannel},
		{name: "welcome_channel", kind: optionChannel},
		{name: "reviewer_role", kind: optionRole},
		{name: "admin_role", kind: optionRole},
		{name: "clear", kind: optionString, chosen: channels},
	}
}
