package interactions

import "coffer/internal/problem"

// What this edge refuses by itself.
var (
	errMalformed = problem.New(problem.Invalid, "malformed",
		"I could not read that. Please try the command again.")
	errUnknownCommand = problem.New(problem.NotFound, "unknown_command",
		"I do not know this command any more. Reload Discord and try again.")
	errUnknownComponent = problem.New(problem.NotFound, "unknown_component",
		"This message is from an earlier version of me. Run the command again.")
	errGuildOnly = problem.New(problem.Refused, "guild_only",
		"Coins belong to a server. Use this command in one.")
	errNotHere = problem.New(problem.NotFound, "not_here",
		"That user is not in this server.")
	errNotManager = problem.New(problem.Forbidden, "not_manager",
		"Only members who may manage this server can do that.")
	errNotYours = problem.New(problem.Forbidden, "not_yours",
		"These buttons belong to someone else. Run the command yourself.")
	errExpired = problem.New(problem.Refused, "expired",
		"This button has expired. Nothing was changed.")
	errTransactionFormat = problem.New(problem.Invalid, "transaction_format",
		"Write a transaction's number, such as 12.")
	errBusy = problem.New(problem.Refused, "busy",
		"The bank is very busy. Nothing was done; please try again in a moment.")
	errTooSlow = problem.New(problem.Refused, "too_slow",
		"That took too long. Look at /history before you try again: it may have happened.")
)
