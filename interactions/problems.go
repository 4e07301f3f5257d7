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
		"Only members who may manage this server, or have its admin role, can do that.")
	errAdminRole = problem.New(problem.Forbidden, "admin_role",
		"Only members who may manage this server can change its admin role. Nothing was changed.")
	errItemRole = problem.New(problem.Forbidden, "item_role",
		"Only members who may manage this server can change which roles are sold, to whom and on what terms. The words of such an item you can change, and you can archive it. Nothing was changed.")
	errNotYours = problem.New(problem.Forbidden, "not_yours",
		"These buttons belong to someone else. Run the command yourself.")
	errExpired = problem.New(problem.Refused, "expired",
		"This button has expired. Nothing was changed.")
	errTransactionFormat = problem.New(problem.Invalid, "transaction_format",
		"Write a transaction's number, such as 12.")
	errOfferExpired = problem.New(problem.Refused, "offer_expired",
		"This offer has expired. Nothing was bought.")
	errPickItem = problem.New(problem.Invalid, "pick_item",
		"Pick an item from the list that opens while you type.")
	errPickTask = problem.New(problem.Invalid, "pick_task",
		"Pick a task from the list that opens while you type.")
	errPurchaseFormat = problem.New(problem.Invalid, "purchase_format",
		"Pick a purchase from the list that opens while you type.")
	errTimeFormat = problem.New(problem.Invalid, "time_format",
		"Write a time like 2026-12-24 18:00 (UTC) or 2026-12-24 18:00 +01:00.")
	errWhole = problem.New(problem.Invalid, "whole_number",
		"Days are counted in whole numbers, such as 3.")
	errManagedRole = problem.New(problem.Refused, "managed_role",
		"That role belongs to an app or to Discord, so nobody else can give it.")
	errTextChannel = problem.New(problem.Invalid, "text_channel",
		"Choose a channel for text.")
	errBusy = problem.New(problem.Refused, "busy",
		"The bank is very busy. Nothing was done; please try again in a moment.")
	errTooSlow = problem.New(problem.Refused, "too_slow",
		"That took too long. Look at /history and /tasks before you try again: it may have happened.")
)
