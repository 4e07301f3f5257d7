package simulator

import (
	"regexp"
	"slices"
	"strings"
)

// mentions is the allowed_mentions of a message: which of the mentions in its
// content notify somebody.
type mentions struct {
	given        bool
	parse        []string
	users, roles []string
}

var mentionPattern = regexp.MustCompile(`<@(!|&)?(\d{1,20})>|@everyone|@here`)

func readMentions(f form) mentions {
	am, ok := f.sub("allowed_mentions")
	if !ok {
		return mentions{}
	}
	m := mentions{given: true}
	for i, raw := range am.list("parse", upTo(3)) {
		kind := strings.Trim(string(raw), `"`)
		if !slices.Contains([]string{"roles", "users", "everyone"}, kind) {
			am.bad.add(am.at.to("parse").index(i), "BASE_TYPE_CHOICES", "Value must be one of ('roles', 'users', 'everyone').")
		}
		m.parse = append(m.parse, kind)
	}
	for key, ids := range map[string]*[]string{"users": &m.users, "roles": &m.roles} {
		for i, raw := range am.list(key, upTo(maxMentions)) {
			id := strings.Trim(string(raw), `"`)
			if !isSnowflake(id) {
				am.bad.add(am.at.to(key).index(i), "NUMBER_TYPE_COERCE", "Value \"%s\" is not snowflake.", id)
			}
			*ids = append(*ids, id)
		}
		if len(*ids) > 0 && slices.Contains(m.parse, key) {
			am.bad.add(am.at, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
				`parse:["%s"] and %s: [ids...] are mutually exclusive.`, key, key)
		}
	}
	am.boolean("replied_user")
	return m
}

// pings lists whom a content notifies: ids, and "everyone".
func (m mentions) pings(content string) []string {
	list := []string{}
	for _, found := range mentionPattern.FindAllStringSubmatch(content, -1) {
		kind, id, named := "users", found[2], m.users
		switch {
		case id == "":
			kind, id, named = "everyone", "everyone", nil
		case found[1] == "&":
			kind, named = "roles", m.roles
		}
		allowed := !m.given || slices.Contains(m.parse, kind) || slices.Contains(named, id)
		if allowed && !slices.Contains(list, id) && len(list) < maxMentions {
			list = append(list, id)
		}
	}
	return list
}
