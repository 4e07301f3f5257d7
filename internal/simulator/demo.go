package simulator

import (
	"strconv"
	"strings"
	"time"
)

// The ids of the demo's world, always the same.
const (
	DemoApplicationID   = "1180000000000000001"
	DemoGuildID         = "1180000000000000100"
	DemoGeneralChannel  = "1180000000000000201"
	DemoBazaarChannel   = "1180000000000000202"
	DemoReviewChannel   = "1180000000000000203"
	DemoTaskChannel     = "1180000000000000204"
	DemoAdminRole       = "1180000000000000301"
	DemoReviewerRole    = "1180000000000000302"
	DemoNewcomerRole    = "1180000000000000303"
	DemoBotRole         = "1180000000000000304"
	demoFirstMember     = 1180000000000001000
	demoAvatar          = "8342729096ea3675442027381ff50dfe"
	demoReviewerMembers = "chidi dana"
)

// DemoWorld is the guild of the demo and of the tests: twelve people, of whom
// ada owns it, chidi and dana review, and the rest are plain members; and the
// app's bot. Reviewers are shown /admin, so that their role can become the
// admin role. Names are of all the kinds that break layouts.
func DemoWorld() World {
	w := World{
		Guilds: []Guild{{
			ID: DemoGuildID, Name: "Harbour Guild", OwnerID: strconv.Itoa(demoFirstMember),
			Locale: "en-US", Features: []string{"COMMUNITY"},
		}},
		Channels: []Channel{
			{ID: DemoGeneralChannel, GuildID: DemoGuildID, Name: "general", Position: 0},
			{ID: DemoBazaarChannel, GuildID: DemoGuildID, Name: "bazaar", Position: 1, Topic: "Buy, sell, pay"},
			{ID: DemoReviewChannel, GuildID: DemoGuildID, Name: "reviews", Position: 2, Topic: "Proof of tasks"},
			{ID: DemoTaskChannel, GuildID: DemoGuildID, Name: "tasks", Position: 3, Topic: "Work that pays"},
		},
		Roles: []Role{
			{ID: DemoGuildID, GuildID: DemoGuildID, Name: "@everyone", Permissions: everyonesDefault},
			{ID: DemoNewcomerRole, GuildID: DemoGuildID, Name: "Deckhand", Color: 0x3498DB, Position: 1},
			{ID: DemoReviewerRole, GuildID: DemoGuildID, Name: "Reviewer", Color: 0x2ECC71, Position: 2, Permissions: ManageMessages, Commands: []string{"admin"}},
			{ID: DemoBotRole, GuildID: DemoGuildID, Name: "Coffer", Position: 3, Permissions: ManageRoles | ViewChannel | SendMessages | EmbedLinks | AttachFiles | ReadHistory, Managed: true},
			{ID: DemoAdminRole, GuildID: DemoGuildID, Name: "Admin", Color: 0xE74C3C, Position: 4, Permissions: ManageGuild | ManageRoles},
		},
	}
	joined := time.Date(2025, 1, 6, 9, 30, 0, 123_000_000, time.UTC)
	for i, p := range []struct{ username, global, nick, avatar string }{
		{"ada", "Ada Lovelace", "", demoAvatar},
		{"bob", "Bob", "", ""},
		{"chidi", "Chidi Ọkọrọ", "", demoAvatar},
		{"dana", "Zoë 🌊", "", ""},
		{"emil", "", "", ""},
		{"fatima", "فاطمة", "", demoAvatar},
		{"goro", "五郎", "ゴロー", ""},
		{"hana", "Hana", "The Honourable Keeper of Ropes 🪢", demoAvatar},
		{"ivan", "Иван", "", ""},
		{"jun", "jun_ *bold* `code`", "", ""},
		{"kai", "Kai", "👨‍👩‍👧‍👦 kai", demoAvatar},
		{"lea", "Léa", "@everyone", ""},
	} {
		m := Member{
			GuildID: DemoGuildID, Nick: p.nick, JoinedAt: joined.AddDate(0, 0, 3*i), Roles: []string{},
			User: User{ID: strconv.Itoa(demoFirstMember + i), Username: p.username, GlobalName: p.global, Avatar: p.avatar},
		}
		switch {
		case p.username == "ada":
			m.Roles = []string{DemoAdminRole}
		case strings.Contains(demoReviewerMembers, p.username):
			m.Roles = []string{DemoReviewerRole}
		}
		m.User.NoDirectMessages = p.username == "ivan"
		w.Members = append(w.Members, m)
	}
	w.Members = append(w.Members, Member{
		GuildID: DemoGuildID, JoinedAt: joined.AddDate(0, 0, 40), Roles: []string{DemoBotRole},
		User: User{ID: DemoApplicationID, Username: "coffer", GlobalName: "Coffer", Bot: true},
	})
	return w
}
