package simulator

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// route is one of Discord's REST endpoints.
type route struct {
	name    string // for faults
	pattern string // of http.ServeMux, after /api/v10
	token   bool   // authorised by an interaction's token in the path, not the bot's
	handle  func(*http.Request, body) (any, error)
}

// routes is all of Discord's REST API that is simulated.
func (s *Simulator) routes() []route {
	return []route{
		{"application", "GET /applications/@me", false, s.getApplication},
		{"commands.list", "GET /applications/{app}/commands", false, s.listCommands},
		{"commands.overwrite", "PUT /applications/{app}/commands", false, s.overwriteCommands},
		{"guild-commands.list", "GET /applications/{app}/guilds/{guild}/commands", false, s.listCommands},
		{"guild-commands.overwrite", "PUT /applications/{app}/guilds/{guild}/commands", false, s.overwriteCommands},
		{"callback", "POST /interactions/{interaction}/{token}/callback", true, s.createCallback},
		{"webhook.post", "POST /webhooks/{app}/{token}", true, s.createFollowup},
		{"webhook.get", "GET /webhooks/{app}/{token}/messages/{message}", true, s.getAnswer},
		{"webhook.edit", "PATCH /webhooks/{app}/{token}/messages/{message}", true, s.editAnswer},
		{"webhook.delete", "DELETE /webhooks/{app}/{token}/messages/{message}", true, s.deleteAnswer},
		{"me", "GET /users/@me", true, s.getMe},
		{"me.guilds", "GET /users/@me/guilds", true, s.listMyGuilds},
		{"oauth2.token", "POST /oauth2/token", true, s.grantToken},
		{"direct", "POST /users/@me/channels", false, s.createDirect},
		{"gateway.public", "GET /gateway", true, s.getGateway},
		{"gateway", "GET /gateway/bot", false, s.getGatewayBot},
		{"guild.get", "GET /guilds/{guild}", false, s.getGuild},
		{"guild.roles", "GET /guilds/{guild}/roles", false, s.listRoles},
		{"guild.channels", "GET /guilds/{guild}/channels", false, s.listChannels},
		{"members.list", "GET /guilds/{guild}/members", false, s.listMembers},
		{"members.get", "GET /guilds/{guild}/members/{user}", false, s.getMember},
		{"members.grant", "PUT /guilds/{guild}/members/{user}/roles/{role}", false, s.grantRole},
		{"members.revoke", "DELETE /guilds/{guild}/members/{user}/roles/{role}", false, s.revokeRole},
		{"channel.get", "GET /channels/{channel}", false, s.getChannel},
		{"messages.post", "POST /channels/{channel}/messages", false, s.createMessage},
		{"messages.get", "GET /channels/{channel}/messages/{message}", false, s.getMessage},
		{"messages.edit", "PATCH /channels/{channel}/messages/{message}", false, s.editMessage},
		{"messages.delete", "DELETE /channels/{channel}/messages/{message}", false, s.deleteMessage},
	}
}

// form reports whether the endpoint takes a form, and no JSON.
func (rt route) form() bool { return rt.name == "oauth2.token" }

// body is what a REST call brings: JSON, and files if it was multipart.
type body struct {
	json    json.RawMessage
	uploads []upload
}

var apiPrefix = regexp.MustCompile(`^/api(/v[0-9]+)?/`)

// REST serves Discord's API under /api/ and /api/v{n}/, whatever the version, its file
// hosts under /cdn/, and the gateway at /.
func (s *Simulator) REST() http.Handler {
	mux := http.NewServeMux()
	known := map[string]bool{}
	for _, rt := range s.routes() {
		mux.Handle(rt.pattern, s.endpoint(rt))
		_, path, _ := strings.Cut(rt.pattern, " ")
		if !known[path] {
			known[path] = true
			mux.Handle(path, s.endpoint(route{name: "405", pattern: path, token: true, handle: func(*http.Request, body) (any, error) { return nil, errMethod() }}))
		}
	}
	mux.Handle("/", s.endpoint(route{name: "404", pattern: "/", token: true, handle: func(*http.Request, body) (any, error) { return nil, errNotFound() }}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, fileHosts) {
			s.serveFile(w, r)
			return
		}
		if r.URL.Path == "/" {
			s.serveGateway(w, r)
			return
		}
		if r.URL.Path == "/oauth2/authorize" {
			s.authorize(w, r)
			return
		}
		prefix := apiPrefix.FindString(r.URL.Path)
		if prefix == "" {
			write(w, http.StatusNotFound, errNotFound())
			return
		}
		http.StripPrefix(strings.TrimSuffix(prefix, "/"), mux).ServeHTTP(w, r)
	})
}

// endpoint does what all calls have in common: faults, identification, the
// body, and turning the outcome into an answer.
func (s *Simulator) endpoint(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		fault := s.takeFault(func(f *Fault) bool { return f.forCall(rt.name, r.Method, r.URL.Path) })
		s.mu.Unlock()
		s.limits(w.Header(), rt)
		if s.strike(w, r, fault) {
			return
		}
		result, err := s.serve(w, r, rt)
		status := http.StatusOK
		var api *APIError
		switch {
		case errors.As(err, &api):
			status, result = api.Status, api
		case err != nil:
			s.cfg.Log.Error("simulator: REST", "route", rt.name, "err", err)
			status, result = http.StatusInternalServerError, refuse(500, 0, "500: Internal Server Error")
		case result == nil:
			status = http.StatusNoContent
		}
		s.cfg.Log.Debug("rest", "route", rt.name, "method", r.Method, "status", status, "fault", fault.Kind)
		if fault.Kind == CloseAfter {
			panic(http.ErrAbortHandler) // net/http's way to cut a connection
		}
		write(w, status, result)
	})
}

// strike lets a fault have its way, and says whether the call ends there.
func (s *Simulator) strike(w http.ResponseWriter, r *http.Request, f Fault) bool {
	switch f.Kind {
	case RateLimit:
		h := w.Header()
		h.Set("Retry-After", strconv.Itoa(int(f.RetryAfter+0.999)))
		h.Set("X-RateLimit-Remaining", "0")
		h.Set("X-RateLimit-Reset-After", strconv.FormatFloat(f.RetryAfter, 'f', 3, 64))
		h.Set("X-RateLimit-Scope", "user")
		if f.Global {
			h.Set("X-RateLimit-Global", "true")
			h.Set("X-RateLimit-Scope", "global")
			h.Del("X-RateLimit-Bucket")
		}
		write(w, http.StatusTooManyRequests, f.rateLimitBody())
	case StatusFault:
		status := f.Status
		if status == 0 {
			status = http.StatusInternalServerError
		}
		write(w, status, refuse(status, f.Code, fmt.Sprintf("%d: %s", status, http.StatusText(status))))
	case CloseBefore:
		panic(http.ErrAbortHandler)
	case Delay:
		timer := time.NewTimer(f.Delay.d())
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		case <-s.life.Done():
		}
		return false
	default:
		return false
	}
	return true
}

// serve checks who calls, reads the body, and calls the handler.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request, rt route) (any, error) {
	// Discord documents that clients without a proper User-Agent "may be
	// blocked", and its Cloudflare does block those of libraries and browsers
	// with 403 and this body. The simulator blocks whatever is not as documented.
	if agent := r.UserAgent(); !strings.HasPrefix(agent, "DiscordBot (") {
		return nil, errBlocked()
	}
	if auth := r.Header.Get("Authorization"); !rt.token && auth != "Bot "+s.cfg.BotToken {
		return nil, errUnauthorized()
	}
	b := body{}
	if r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		limit := int64(maxJSONBody)
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			limit = maxRESTBody
		}
		raw, more, err := readCapped(r.Body, limit)
		switch {
		case err != nil:
			return nil, err
		case more:
			return nil, errTooLarge()
		case rt.form():
			b.json = raw
		case len(bytes.TrimSpace(raw)) > 0:
			var refused *APIError
			if b.json, b.uploads, refused = readPayload(r.Header.Get("Content-Type"), raw); refused != nil {
				return nil, refused
			}
		}
	}
	return rt.handle(r, b)
}

// limits sets the headers of a bucket that is never empty: faults do that.
func (s *Simulator) limits(h http.Header, rt route) {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(rt.name)) // never fails
	reset := float64(s.cfg.Now().UnixMilli())/1000 + 1
	h.Set("X-RateLimit-Limit", "5")
	h.Set("X-RateLimit-Remaining", "4")
	h.Set("X-RateLimit-Reset", strconv.FormatFloat(reset, 'f', 3, 64))
	h.Set("X-RateLimit-Reset-After", "1.000")
	h.Set("X-RateLimit-Bucket", fmt.Sprintf("%016x", hash.Sum64()))
}

func write(w http.ResponseWriter, status int, v any) {
	if v == nil || status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: nobody to tell
}

// application refuses calls for another application than the token's.
func (s *Simulator) application(r *http.Request) error {
	if r.PathValue("app") != s.cfg.ApplicationID {
		return errForeignApplication()
	}
	return nil
}

func (s *Simulator) overwriteCommands(r *http.Request, b body) (any, error) {
	if err := s.application(r); err != nil {
		return nil, err
	}
	list, refused := readDefinitions(b.json)
	if refused != nil {
		return nil, refused
	}
	scope := r.PathValue("guild")
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.world.guilds[scope]; scope != "" && !ok {
		return nil, errMissingAccess()
	}
	return append([]definition{}, s.overwrite(scope, list)...), nil
}

func (s *Simulator) listCommands(r *http.Request, _ body) (any, error) {
	if err := s.application(r); err != nil {
		return nil, err
	}
	scope := r.PathValue("guild")
	full, _ := strconv.ParseBool(r.URL.Query().Get("with_localizations"))
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.world.guilds[scope]; scope != "" && !ok {
		return nil, errMissingAccess()
	}
	list := []definition{}
	for _, d := range s.commands[scope] {
		if !full {
			d = d.withoutLocalizations()
		}
		list = append(list, d)
	}
	return list, nil
}

// getMe tells the bot, or whoever has let the app see him, who he is.
func (s *Simulator) getMe(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, err := s.caller(r, "identify")
	if err != nil {
		return nil, err
	}
	return user.wire(), nil
}

// Flags of an application: whether its bot may ask who joins.
const flagMembersLimited = 1 << 15

// getApplication tells the bot of its application, as the developer portal has it.
func (s *Simulator) getApplication(*http.Request, body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	flags, endpoint := 0, any(nil)
	if !s.gateway.closed {
		flags |= flagMembersLimited
	}
	if s.url != "" {
		endpoint = s.url
	}
	return map[string]any{
		"id": s.cfg.ApplicationID, "name": s.world.bot.Username, "icon": nil, "description": "", "bot_public": true,
		"bot_require_code_grant": false, "bot": s.world.bot.wire(), "verify_key": hex.EncodeToString(s.PublicKey()), "flags": flags,
		"interactions_endpoint_url": endpoint, "redirect_uris": append([]string{}, s.cfg.RedirectURIs...),
		"approximate_guild_count": len(s.world.guilds),
	}, nil
}

func (s *Simulator) getGateway(r *http.Request, _ body) (any, error) {
	return map[string]any{"url": s.gatewayURL(r)}, nil
}

func (s *Simulator) getGatewayBot(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	total, left, reset := s.startsLeft()
	return map[string]any{
		"url": s.gatewayURL(r), "shards": 1,
		"session_start_limit": map[string]any{
			"total": total, "remaining": left, "reset_after": reset.Milliseconds(), "max_concurrency": 1},
	}, nil
}

// detached is a context that a caller's leaving does not end.
func detached(r *http.Request) context.Context { return context.WithoutCancel(r.Context()) }
