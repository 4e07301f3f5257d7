package interactions

import "context"

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
	kind      uint8 // optionString or optionUser
	required  bool
	completed bool // as one types
	most      int  // characters
}

// newTable is THE table: what is not here does not exist.
func newTable(b *bank) table {
	member := parameter{name: "member", kind: optionUser}
	target := parameter{name: "member", kind: optionUser, required: true}
	amount := parameter{name: "amount", kind: optionString, required: true, most: 32}
	note := parameter{name: "note", kind: optionString, most: 200}
	reason := parameter{name: "reason", kind: optionString, most: 200}
	which := parameter{name: "transaction", kind: optionString, required: true, completed: true, most: 32}

	t := table{
		commands: []*command{
			{name: "balance", private: true, options: []parameter{member}, run: b.balance},
			{name: "daily", run: b.daily},
			{name: "pay", options: []parameter{target, amount, note}, run: b.pay},
			{name: "leaderboard", run: b.leaderboard},
			{name: "history", private: true, options: []parameter{member}, run: b.history},
			{name: "help", private: true, run: b.help},
			{name: "admin coins give", private: true, manager: true, options: []parameter{target, amount, reason}, run: b.give},
			{name: "admin coins take", private: true, manager: true, options: []parameter{target, amount, reason}, run: b.take},
			{name: "admin coins set", private: true, manager: true, options: []parameter{target, amount, reason}, run: b.set},
			{name: "admin undo", private: true, manager: true, options: []parameter{which, reason}, run: b.undo, complete: b.undoable},
		},
		components: []*component{
			{name: "leaderboard", run: b.turnLeaderboard},
			{name: "history", run: b.turnHistory},
			{name: "undo", manager: true, run: b.pressUndo},
		},
	}
	b.commands = t.commands
	return t
}
