package interactions

import (
	"context"

	"coffer/internal/shop"
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
	manager    bool   // needs Manage Guild
	opensModal bool   // replies with a modal, and so cannot be deferred
	options    []parameter
	run        handlerFunc
	complete   handlerFunc // answers the autocompletion of its options
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
	completed bool  // as one types
	most      int   // characters, of a string
	least     int64 // of an integer
	greatest  int64 // of an integer
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
			{name: "help", private: true, run: b.help},
			{name: "admin coins give", private: true, manager: true, options: []parameter{target, amount, reason}, run: b.give},
			{name: "admin coins take", private: true, manager: true, options: []parameter{target, amount, reason}, run: b.take},
			{name: "admin coins set", private: true, manager: true, options: []parameter{target, amount, reason}, run: b.set},
			{name: "admin undo", private: true, manager: true, options: []parameter{which, reason}, run: b.undo, complete: b.undoable},
			{name: "admin item create", private: true, manager: true, options: itemTerms(true), run: b.createItem},
			{name: "admin item edit", private: true, manager: true, options: append([]parameter{item}, itemTerms(false)...), run: b.editItem, complete: b.completeAnyItem},
			{name: "admin item archive", private: true, manager: true, options: []parameter{item}, run: b.archiveItem, complete: b.completeAnyItem},
			{name: "admin refund", private: true, manager: true, options: []parameter{purchase, reason}, run: b.refund, complete: b.refundable},
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
		{name: "picture", kind: optionString, most: shop.MaxPicture},
		{name: "usable", kind: optionBoolean},
		{name: "message", kind: optionString, most: shop.MaxUseMessage},
		{name: "from", kind: optionString, most: 40},
		{name: "until", kind: optionString, most: 40},
	}
}

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
	}
}
