package app

import (
	"context"
	"time"

	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/lease"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// measured is a store whose calls are counted by name. Each of its methods is here, and
// a test finds those that are missing.
type measured struct {
	books
	note func(operation string, took time.Duration, err error)
}

// ended notes a call that began at a time.
func (m measured) ended(operation string, start time.Time, err *error) {
	m.note(operation, time.Since(start), *err)
}

func (m measured) Meet(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (r int, err error) {
	defer m.ended("meet", time.Now(), &err)
	return m.books.Meet(ctx, guild, people, at)
}

func (m measured) Join(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (r int, err error) {
	defer m.ended("join", time.Now(), &err)
	return m.books.Join(ctx, guild, people, at)
}

func (m measured) Restore(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (r int, err error) {
	defer m.ended("restore", time.Now(), &err)
	return m.books.Restore(ctx, guild, people, at)
}

func (m measured) Wallet(ctx context.Context, q economy.WalletQuery) (r economy.Wallet, err error) {
	defer m.ended("wallet", time.Now(), &err)
	return m.books.Wallet(ctx, q)
}

func (m measured) Leaderboard(ctx context.Context, q economy.LeaderboardQuery) (r economy.LeaderboardPage, err error) {
	defer m.ended("leaderboard", time.Now(), &err)
	return m.books.Leaderboard(ctx, q)
}

func (m measured) History(ctx context.Context, q economy.HistoryQuery) (r economy.HistoryPage, err error) {
	defer m.ended("history", time.Now(), &err)
	return m.books.History(ctx, q)
}

func (m measured) Reversible(ctx context.Context, guild economy.GuildID, limit int) (r []economy.ReversibleTransaction, err error) {
	defer m.ended("reversible", time.Now(), &err)
	return m.books.Reversible(ctx, guild, limit)
}

func (m measured) Settings(ctx context.Context, guild economy.GuildID) (r economy.Settings, err error) {
	defer m.ended("settings", time.Now(), &err)
	return m.books.Settings(ctx, guild)
}

func (m measured) ClaimDaily(ctx context.Context, c economy.DailyClaim) (r economy.DailyReceipt, err error) {
	defer m.ended("claim_daily", time.Now(), &err)
	return m.books.ClaimDaily(ctx, c)
}

func (m measured) Transfer(ctx context.Context, c economy.Transfer) (r economy.TransferReceipt, err error) {
	defer m.ended("transfer", time.Now(), &err)
	return m.books.Transfer(ctx, c)
}

func (m measured) Adjust(ctx context.Context, c economy.Adjustment) (r economy.AdjustmentReceipt, err error) {
	defer m.ended("adjust", time.Now(), &err)
	return m.books.Adjust(ctx, c)
}

func (m measured) Reverse(ctx context.Context, c economy.Reversal) (r economy.ReversalReceipt, err error) {
	defer m.ended("reverse", time.Now(), &err)
	return m.books.Reverse(ctx, c)
}

func (m measured) ChangeSettings(ctx context.Context, c economy.SettingsChange) (r economy.Settings, err error) {
	defer m.ended("change_settings", time.Now(), &err)
	return m.books.ChangeSettings(ctx, c)
}

func (m measured) RefreshRanks(ctx context.Context, now time.Time) (err error) {
	defer m.ended("refresh_ranks", time.Now(), &err)
	return m.books.RefreshRanks(ctx, now)
}

func (m measured) ForgetRequests(ctx context.Context, before time.Time) (r int, err error) {
	defer m.ended("forget_requests", time.Now(), &err)
	return m.books.ForgetRequests(ctx, before)
}

func (m measured) Audit(ctx context.Context) (r economy.Audit, err error) {
	defer m.ended("audit", time.Now(), &err)
	return m.books.Audit(ctx)
}

func (m measured) Ping(ctx context.Context) (err error) {
	defer m.ended("ping", time.Now(), &err)
	return m.books.Ping(ctx)
}

func (m measured) Catalogue(ctx context.Context, q shop.CatalogueQuery) (r shop.CataloguePage, err error) {
	defer m.ended("catalogue", time.Now(), &err)
	return m.books.Catalogue(ctx, q)
}

func (m measured) Offer(ctx context.Context, q shop.OfferQuery) (r shop.Offer, err error) {
	defer m.ended("offer", time.Now(), &err)
	return m.books.Offer(ctx, q)
}

func (m measured) ItemNames(ctx context.Context, q shop.NamesQuery) (r []shop.ItemName, err error) {
	defer m.ended("item_names", time.Now(), &err)
	return m.books.ItemNames(ctx, q)
}

func (m measured) CreateItem(ctx context.Context, c shop.ItemCreation) (r shop.Item, err error) {
	defer m.ended("create_item", time.Now(), &err)
	return m.books.CreateItem(ctx, c)
}

func (m measured) EditItem(ctx context.Context, c shop.ItemEdit) (r shop.Item, err error) {
	defer m.ended("edit_item", time.Now(), &err)
	return m.books.EditItem(ctx, c)
}

func (m measured) ArchiveItem(ctx context.Context, c shop.ItemArchival) (r shop.Item, err error) {
	defer m.ended("archive_item", time.Now(), &err)
	return m.books.ArchiveItem(ctx, c)
}

func (m measured) Purchase(ctx context.Context, c shop.Purchase) (r shop.PurchaseReceipt, err error) {
	defer m.ended("purchase", time.Now(), &err)
	return m.books.Purchase(ctx, c)
}

func (m measured) Refund(ctx context.Context, c shop.Refund) (r shop.RefundReceipt, err error) {
	defer m.ended("refund", time.Now(), &err)
	return m.books.Refund(ctx, c)
}

func (m measured) Refundable(ctx context.Context, guild economy.GuildID, limit int) (r []shop.RefundablePurchase, err error) {
	defer m.ended("refundable", time.Now(), &err)
	return m.books.Refundable(ctx, guild, limit)
}

func (m measured) Inventory(ctx context.Context, q shop.InventoryQuery) (r shop.InventoryPage, err error) {
	defer m.ended("inventory", time.Now(), &err)
	return m.books.Inventory(ctx, q)
}

func (m measured) Use(ctx context.Context, c shop.Use) (r shop.UseReceipt, err error) {
	defer m.ended("use", time.Now(), &err)
	return m.books.Use(ctx, c)
}

func (m measured) ExpireRoles(ctx context.Context, now time.Time) (r int, err error) {
	defer m.ended("expire_roles", time.Now(), &err)
	return m.books.ExpireRoles(ctx, now)
}

func (m measured) OpenTasks(ctx context.Context, q tasks.BoardQuery) (r tasks.BoardPage, err error) {
	defer m.ended("open_tasks", time.Now(), &err)
	return m.books.OpenTasks(ctx, q)
}

func (m measured) TaskOffer(ctx context.Context, q tasks.OfferQuery) (r tasks.Offer, err error) {
	defer m.ended("task_offer", time.Now(), &err)
	return m.books.TaskOffer(ctx, q)
}

func (m measured) Claims(ctx context.Context, q tasks.ClaimsQuery) (r tasks.ClaimsPage, err error) {
	defer m.ended("claims", time.Now(), &err)
	return m.books.Claims(ctx, q)
}

func (m measured) TaskNames(ctx context.Context, q tasks.NamesQuery) (r []tasks.TaskName, err error) {
	defer m.ended("task_names", time.Now(), &err)
	return m.books.TaskNames(ctx, q)
}

func (m measured) ReviewQueue(ctx context.Context, q tasks.QueueQuery) (r tasks.QueuePage, err error) {
	defer m.ended("review_queue", time.Now(), &err)
	return m.books.ReviewQueue(ctx, q)
}

func (m measured) CreateTask(ctx context.Context, c tasks.TaskCreation) (r tasks.Task, err error) {
	defer m.ended("create_task", time.Now(), &err)
	return m.books.CreateTask(ctx, c)
}

func (m measured) EditTask(ctx context.Context, c tasks.TaskEdit) (r tasks.Task, err error) {
	defer m.ended("edit_task", time.Now(), &err)
	return m.books.EditTask(ctx, c)
}

func (m measured) MoveTask(ctx context.Context, c tasks.TaskMove) (r tasks.Task, err error) {
	defer m.ended("move_task", time.Now(), &err)
	return m.books.MoveTask(ctx, c)
}

func (m measured) ClaimTask(ctx context.Context, c tasks.Claiming) (r tasks.ClaimReceipt, err error) {
	defer m.ended("claim_task", time.Now(), &err)
	return m.books.ClaimTask(ctx, c)
}

func (m measured) SubmitWork(ctx context.Context, c tasks.Submitting) (r tasks.SubmitReceipt, err error) {
	defer m.ended("submit_work", time.Now(), &err)
	return m.books.SubmitWork(ctx, c)
}

func (m measured) DropClaim(ctx context.Context, c tasks.Dropping) (r tasks.Claim, err error) {
	defer m.ended("drop_claim", time.Now(), &err)
	return m.books.DropClaim(ctx, c)
}

func (m measured) ReviewSubmission(ctx context.Context, c tasks.Reviewing) (r tasks.ReviewReceipt, err error) {
	defer m.ended("review_submission", time.Now(), &err)
	return m.books.ReviewSubmission(ctx, c)
}

func (m measured) TidyTasks(ctx context.Context, now time.Time) (r int, err error) {
	defer m.ended("tidy_tasks", time.Now(), &err)
	return m.books.TidyTasks(ctx, now)
}

func (m measured) LeaseDeliveries(ctx context.Context, limit int, life time.Duration) (r []outbox.Lease, err error) {
	defer m.ended("lease_deliveries", time.Now(), &err)
	return m.books.LeaseDeliveries(ctx, limit, life)
}

func (m measured) SettleDelivery(ctx context.Context, lease outbox.Lease, o outbox.Outcome, now time.Time) (err error) {
	defer m.ended("settle_delivery", time.Now(), &err)
	return m.books.SettleDelivery(ctx, lease, o, now)
}

func (m measured) Deliveries(ctx context.Context, guild economy.GuildID, before int64, limit int) (r []outbox.Delivery, err error) {
	defer m.ended("deliveries", time.Now(), &err)
	return m.books.Deliveries(ctx, guild, before, limit)
}

func (m measured) RetryDelivery(ctx context.Context, guild economy.GuildID, id int64) (r bool, err error) {
	defer m.ended("retry_delivery", time.Now(), &err)
	return m.books.RetryDelivery(ctx, guild, id)
}

func (m measured) ForgetDeliveries(ctx context.Context, before time.Time) (r int, err error) {
	defer m.ended("forget_deliveries", time.Now(), &err)
	return m.books.ForgetDeliveries(ctx, before)
}

func (m measured) Head(ctx context.Context) (r events.Position, err error) {
	defer m.ended("head", time.Now(), &err)
	return m.books.Head(ctx)
}

func (m measured) After(ctx context.Context, from events.Position, guilds []string, limit int) (r events.Batch, err error) {
	defer m.ended("after", time.Now(), &err)
	return m.books.After(ctx, from, guilds, limit)
}

func (m measured) Trail(ctx context.Context, q events.TrailQuery) (r events.TrailPage, err error) {
	defer m.ended("trail", time.Now(), &err)
	return m.books.Trail(ctx, q)
}

func (m measured) Stats(ctx context.Context, q events.StatsQuery) (r events.Stats, err error) {
	defer m.ended("stats", time.Now(), &err)
	return m.books.Stats(ctx, q)
}

func (m measured) Tally(ctx context.Context) (err error) {
	defer m.ended("tally", time.Now(), &err)
	return m.books.Tally(ctx)
}

func (m measured) Totals(ctx context.Context) (r events.Totals, err error) {
	defer m.ended("totals", time.Now(), &err)
	return m.books.Totals(ctx)
}

func (m measured) TakeTops(ctx context.Context, now time.Time) (err error) {
	defer m.ended("take_tops", time.Now(), &err)
	return m.books.TakeTops(ctx, now)
}

func (m measured) Books(ctx context.Context, guild economy.GuildID) (r economy.Books, err error) {
	defer m.ended("books", time.Now(), &err)
	return m.books.Books(ctx, guild)
}

func (m measured) CreateFirstOwner(ctx context.Context, c admins.Creation) (r bool, err error) {
	defer m.ended("create_first_owner", time.Now(), &err)
	return m.books.CreateFirstOwner(ctx, c)
}

func (m measured) CreateAccount(ctx context.Context, c admins.Creation) (r admins.Account, s string, err error) {
	defer m.ended("create_account", time.Now(), &err)
	return m.books.CreateAccount(ctx, c)
}

func (m measured) ChangeAccount(ctx context.Context, c admins.Change) (r admins.Account, err error) {
	defer m.ended("change_account", time.Now(), &err)
	return m.books.ChangeAccount(ctx, c)
}

func (m measured) Accounts(ctx context.Context, tokens bool, after admins.ID, limit int) (r []admins.Account, err error) {
	defer m.ended("accounts", time.Now(), &err)
	return m.books.Accounts(ctx, tokens, after, limit)
}

func (m measured) RevokeToken(ctx context.Context, token, by admins.ID, at time.Time) (err error) {
	defer m.ended("revoke_token", time.Now(), &err)
	return m.books.RevokeToken(ctx, token, by, at)
}

func (m measured) AccountTrail(ctx context.Context, q admins.TrailQuery) (r []admins.TrailEntry, err error) {
	defer m.ended("account_trail", time.Now(), &err)
	return m.books.AccountTrail(ctx, q)
}

func (m measured) TryLogin(ctx context.Context, c admins.Try) (r admins.Credentials, err error) {
	defer m.ended("try_login", time.Now(), &err)
	return m.books.TryLogin(ctx, c)
}

func (m measured) OpenSession(ctx context.Context, c admins.Opening) (r admins.Account, err error) {
	defer m.ended("open_session", time.Now(), &err)
	return m.books.OpenSession(ctx, c)
}

func (m measured) OpenDiscordSession(ctx context.Context, c admins.DiscordOpening) (r admins.Account, err error) {
	defer m.ended("open_discord_session", time.Now(), &err)
	return m.books.OpenDiscordSession(ctx, c)
}

func (m measured) RenewSession(ctx context.Context, c admins.Renewal) (r admins.Renewed, err error) {
	defer m.ended("renew_session", time.Now(), &err)
	return m.books.RenewSession(ctx, c)
}

func (m measured) DeriveSession(ctx context.Context, session string, who admins.Identity, sealed string, at time.Time) (r admins.Account, err error) {
	defer m.ended("derive_session", time.Now(), &err)
	return m.books.DeriveSession(ctx, session, who, sealed, at)
}

func (m measured) KeepGrant(ctx context.Context, session string, sealed string) (err error) {
	defer m.ended("keep_grant", time.Now(), &err)
	return m.books.KeepGrant(ctx, session, sealed)
}

func (m measured) CloseSession(ctx context.Context, session string, secret string, everywhere bool) (err error) {
	defer m.ended("close_session", time.Now(), &err)
	return m.books.CloseSession(ctx, session, secret, everywhere)
}

func (m measured) DropSession(ctx context.Context, session string) (err error) {
	defer m.ended("drop_session", time.Now(), &err)
	return m.books.DropSession(ctx, session)
}

func (m measured) ChangePassword(ctx context.Context, account admins.ID, old string, hash string, keep string, at time.Time) (err error) {
	defer m.ended("change_password", time.Now(), &err)
	return m.books.ChangePassword(ctx, account, old, hash, keep, at)
}

func (m measured) SessionAccount(ctx context.Context, session string, at time.Time) (r admins.Account, err error) {
	defer m.ended("session_account", time.Now(), &err)
	return m.books.SessionAccount(ctx, session, at)
}

func (m measured) TokenAccount(ctx context.Context, hash string, at time.Time) (r admins.Account, err error) {
	defer m.ended("token_account", time.Now(), &err)
	return m.books.TokenAccount(ctx, hash, at)
}

func (m measured) ForgetSessions(ctx context.Context, now time.Time) (r int, err error) {
	defer m.ended("forget_sessions", time.Now(), &err)
	return m.books.ForgetSessions(ctx, now)
}

func (m measured) KnowsGuild(ctx context.Context, guild string) (r bool, err error) {
	defer m.ended("knows_guild", time.Now(), &err)
	return m.books.KnowsGuild(ctx, guild)
}

func (m measured) Guilds(ctx context.Context, q economy.GuildsQuery) (r economy.GuildsPage, err error) {
	defer m.ended("guilds", time.Now(), &err)
	return m.books.Guilds(ctx, q)
}

func (m measured) Rules(ctx context.Context, guild economy.GuildID) (r economy.Rules, err error) {
	defer m.ended("rules", time.Now(), &err)
	return m.books.Rules(ctx, guild)
}

func (m measured) Members(ctx context.Context, q economy.MembersQuery) (r economy.MembersPage, err error) {
	defer m.ended("members", time.Now(), &err)
	return m.books.Members(ctx, q)
}

func (m measured) Member(ctx context.Context, q economy.MemberQuery) (r economy.MemberFile, err error) {
	defer m.ended("member", time.Now(), &err)
	return m.books.Member(ctx, q)
}

func (m measured) Transactions(ctx context.Context, q economy.TransactionsQuery) (r economy.TransactionsPage, err error) {
	defer m.ended("transactions", time.Now(), &err)
	return m.books.Transactions(ctx, q)
}

func (m measured) Transaction(ctx context.Context, guild economy.GuildID, id economy.TransactionID) (r economy.LedgerRecord, err error) {
	defer m.ended("transaction", time.Now(), &err)
	return m.books.Transaction(ctx, guild, id)
}

func (m measured) AdjustMany(ctx context.Context, c economy.BulkAdjustment) (r economy.BulkReceipt, err error) {
	defer m.ended("adjust_many", time.Now(), &err)
	return m.books.AdjustMany(ctx, c)
}

func (m measured) Erase(ctx context.Context, c economy.Erasure) (r economy.ErasureReceipt, err error) {
	defer m.ended("erase", time.Now(), &err)
	return m.books.Erase(ctx, c)
}

func (m measured) Record(ctx context.Context, q economy.MemberQuery) (r economy.MemberRecord, err error) {
	defer m.ended("record", time.Now(), &err)
	return m.books.Record(ctx, q)
}

func (m measured) ItemList(ctx context.Context, q shop.ItemListQuery) (r shop.ItemListPage, err error) {
	defer m.ended("item_list", time.Now(), &err)
	return m.books.ItemList(ctx, q)
}

func (m measured) ItemSheet(ctx context.Context, guild economy.GuildID, id shop.ItemID) (r shop.ItemSheet, err error) {
	defer m.ended("item_sheet", time.Now(), &err)
	return m.books.ItemSheet(ctx, guild, id)
}

func (m measured) Purchases(ctx context.Context, q shop.PurchasesQuery) (r shop.PurchasesPage, err error) {
	defer m.ended("purchases", time.Now(), &err)
	return m.books.Purchases(ctx, q)
}

func (m measured) TaskList(ctx context.Context, q tasks.TaskListQuery) (r tasks.TaskListPage, err error) {
	defer m.ended("task_list", time.Now(), &err)
	return m.books.TaskList(ctx, q)
}

func (m measured) TaskSheet(ctx context.Context, guild economy.GuildID, id tasks.TaskID) (r tasks.TaskSheet, err error) {
	defer m.ended("task_sheet", time.Now(), &err)
	return m.books.TaskSheet(ctx, guild, id)
}

func (m measured) Submissions(ctx context.Context, q tasks.SubmissionsQuery) (r tasks.SubmissionsPage, err error) {
	defer m.ended("submissions", time.Now(), &err)
	return m.books.Submissions(ctx, q)
}

func (m measured) SubmissionSheet(ctx context.Context, guild economy.GuildID, id tasks.SubmissionID) (r tasks.SubmissionSheet, err error) {
	defer m.ended("submission_sheet", time.Now(), &err)
	return m.books.SubmissionSheet(ctx, guild, id)
}

func (m measured) DeliveryList(ctx context.Context, q outbox.DeliveryListQuery) (r outbox.DeliveryListPage, err error) {
	defer m.ended("delivery_list", time.Now(), &err)
	return m.books.DeliveryList(ctx, q)
}

func (m measured) TakeLease(ctx context.Context, name, holder string, life time.Duration) (r lease.Lease, err error) {
	defer m.ended("take_lease", time.Now(), &err)
	return m.books.TakeLease(ctx, name, holder, life)
}

func (m measured) RenewLease(ctx context.Context, name string, token int64, life time.Duration) (r bool, err error) {
	defer m.ended("renew_lease", time.Now(), &err)
	return m.books.RenewLease(ctx, name, token, life)
}

func (m measured) ReturnLease(ctx context.Context, name string, token int64) (err error) {
	defer m.ended("return_lease", time.Now(), &err)
	return m.books.ReturnLease(ctx, name, token)
}
