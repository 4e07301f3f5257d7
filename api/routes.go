package api

import (
	"net/http"

	"coffer/internal/admins"
)

// Access says who may call a route. Its zero value is none, so that a route
// that forgets to say cannot be registered.
type Access int

// Who may call. A route with ":guild" in its path is open only to accounts that
// are for the guild.
const (
	Unlimited Access = iota + 1 // everyone, however often: for those who watch the server
	Public                      // everyone
	SignedIn                    // every account, whatever its role
	Viewer
	Reviewer
	Manager
	Owner
)

// String returns the access as the description has it.
func (a Access) String() string {
	switch a {
	case Unlimited:
		return "unlimited"
	case Public:
		return "public"
	case SignedIn:
		return "signed-in"
	default:
		return string(a.role())
	}
}

// role returns the least role that has the access; those before Viewer need
// none.
func (a Access) role() admins.Role {
	return map[Access]admins.Role{Viewer: admins.Viewer, Reviewer: admins.Reviewer, Manager: admins.Manager, Owner: admins.Owner}[a]
}

// Handler answers a request, or returns an error that becomes a problem
// document.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one row of the table.
type Route struct {
	Operation string // its operationId in the OpenAPI document
	Method    string
	Path      string
	Access    Access
	Handler   Handler
}

// Routes returns the one table of routes.
func (a *API) Routes() []Route {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	const guild = "/api/guilds/:guild"
	return []Route{
		{"getHealth", get, "/api/health", Unlimited, a.health.get},
		{"getOpenAPI", get, "/api/openapi.json", Public, a.docs.document},
		{"getDocs", get, "/api/docs", Public, a.docs.page},

		{"getSignInMethods", get, "/api/auth/methods", Public, a.signIn.methods},
		{"login", post, "/api/auth/login", Public, a.signIn.ofADashboard(a.signIn.login)},
		{"refresh", post, "/api/auth/refresh", Public, a.signIn.ofADashboard(a.signIn.refresh)},
		{"logout", post, "/api/auth/logout", Public, a.signIn.ofADashboard(a.signIn.logout)},
		{"startDiscord", get, "/api/auth/discord", Public, a.signIn.startDiscord},
		{"finishDiscord", get, "/api/auth/discord/callback", Public, a.signIn.finishDiscord},
		{"getMe", get, "/api/auth/me", SignedIn, a.signIn.me},
		{"changePassword", put, "/api/auth/password", SignedIn, a.signIn.changePassword},

		{"listAdmins", get, "/api/admins", Owner, a.accounts.list(false)},
		{"createAdmin", post, "/api/admins", Owner, a.accounts.create},
		{"changeAdmin", patch, "/api/admins/:admin", Owner, a.accounts.change},
		{"listTokens", get, "/api/tokens", Owner, a.accounts.list(true)},
		{"createToken", post, "/api/tokens", Owner, a.accounts.createToken},
		{"revokeToken", del, "/api/tokens/:token", Owner, a.accounts.revokeToken},
		{"listAccountTrail", get, "/api/trail", Owner, a.accounts.trail},
		{"listTasks", get, guild + "/tasks", Viewer, a.tasks.list},
		{"createTask", post, guild + "/tasks", Manager, a.tasks.create},
		{"getTask", get, guild + "/tasks/:task", Viewer, a.tasks.get},
		{"editTask", put, guild + "/tasks/:task", Manager, a.tasks.edit},
		{"moveTask", put, guild + "/tasks/:task/state", Manager, a.tasks.move},
		{"listSubmissions", get, guild + "/submissions", Viewer, a.submissions.list},
		{"getSubmission", get, guild + "/submissions/:submission", Viewer, a.submissions.get},
		{"getProof", get, guild + "/submissions/:submission/proof", Reviewer, a.submissions.proof},
		{"reviewSubmission", post, guild + "/submissions/:submission/review", Reviewer, a.submissions.review},
		{"reviewSubmissions", post, guild + "/reviews", Reviewer, a.submissions.reviewAll},

		{"listItems", get, guild + "/items", Viewer, a.items.list},
		{"createItem", post, guild + "/items", Manager, a.items.create},
		{"getItem", get, guild + "/items/:item", Viewer, a.items.get},
		{"editItem", put, guild + "/items/:item", Manager, a.items.edit},
		{"archiveItem", put, guild + "/items/:item/state", Manager, a.items.archive},
		{"listPurchases", get, guild + "/purchases", Viewer, a.purchases.list},
		{"refundPurchase", post, guild + "/purchases/:purchase/refund", Manager, a.purchases.refund},
		{"listDeliveries", get, guild + "/deliveries", Viewer, a.deliveries.list},
		{"retryDelivery", post, guild + "/deliveries/:delivery/retry", Manager, a.deliveries.retry},

		{"listGuilds", get, "/api/guilds", SignedIn, a.guilds.list},
		{"getSettings", get, guild + "/settings", Viewer, a.settings.get},
		{"changeSettings", put, guild + "/settings", Manager, a.settings.change},
		{"listChannels", get, guild + "/channels", Viewer, a.guilds.listChannels},
		{"listRoles", get, guild + "/roles", Viewer, a.guilds.listRoles},

		{"listMembers", get, guild + "/members", Viewer, a.exports.tables(a.members.list)},
		{"getMember", get, guild + "/members/:member", Viewer, a.members.get},
		{"getMemberData", get, guild + "/members/:member/data", Manager, a.exports.whole(a.members.data)},
		{"eraseMember", del, guild + "/members/:member", Manager, a.members.erase},
		{"adjustMember", post, guild + "/members/:member/adjustments", Manager, a.adjustments.adjust},
		{"adjustMembers", post, guild + "/adjustments", Manager, a.adjustments.adjustMany},
		{"importBalances", post, guild + "/imports", Manager, a.adjustments.importBalances},
		{"listTransactions", get, guild + "/transactions", Viewer, a.exports.tables(a.transactions.list)},
		{"getTransaction", get, guild + "/transactions/:transaction", Viewer, a.transactions.get},
		{"reverseTransaction", post, guild + "/transactions/:transaction/reversal", Manager, a.transactions.reverse},

		{"getStats", get, guild + "/stats", Viewer, a.stats.get},
		{"getBooks", get, guild + "/books", Viewer, a.books.get},
		{"listTrail", get, guild + "/trail", Viewer, a.exports.tables(a.trail.list)},
		{"streamEvents", get, guild + "/events", Viewer, a.live.stream},
	}
}
