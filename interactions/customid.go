package interactions

import (
	"strconv"
	"strings"
	"time"

	"coffer/internal/economy"
)

// A custom id is "name:argument:...", at most 100 characters: the name routes it,
// the arguments are all that a component remembers.

func customID(name string, args ...string) string {
	return name + ":" + strings.Join(args, ":")
}

// buttonLife is how long a button that writes can be pressed.
const buttonLife = 15 * time.Minute

// arg returns an argument of the component's custom id, empty beyond the last.
func (r *Request) arg(i int) string {
	if i < len(r.args) {
		return r.args[i]
	}
	return ""
}

// rest returns an argument and all behind it: the last one may hold colons.
func (r *Request) rest(i int) string {
	return strings.Join(r.args[min(i, len(r.args)):], ":")
}

// number returns an argument that is a number from 1. Errors: errUnknownComponent.
func (r *Request) number(i int) (int64, error) {
	n, err := strconv.ParseInt(r.arg(i), 10, 64)
	if err != nil || n < 1 || !digits(r.arg(i)) {
		return 0, errUnknownComponent
	}
	return n, nil
}

// owned checks that the presser is the one for whom the message was drawn.
// Errors: errNotYours.
func (r *Request) owned(i int) error {
	if r.arg(i) != string(r.Member.User) {
		return errNotYours
	}
	return nil
}

// ownedByTag is owned for a custom id that has no room for the whole owner.
// Errors: errNotYours.
func (r *Request) ownedByTag(i int) error {
	if r.arg(i) != tag(r.Member.User) {
		return errNotYours
	}
	return nil
}

// tag is a member's id in at most six characters. One in two billion shares it,
// which does no harm: what a button does is done for who presses it.
func tag(id economy.UserID) string {
	n, _ := strconv.ParseUint(string(id), 10, 64)
	return strconv.FormatUint(n%(36*36*36*36*36*36), 36)
}

// drawn returns the interaction that drew a button that writes, from the
// button's argument. Errors: errUnknownComponent, errExpired.
func (r *Request) drawn(i int) (string, error) {
	id := r.arg(i)
	if !snowflake(id) {
		return "", errUnknownComponent
	}
	if r.At.Sub(snowflakeTime(id)) > buttonLife {
		return "", errExpired
	}
	return id, nil
}

// snowflake reports whether s is a Discord id: safe in a URL and a custom id.
func snowflake(s string) bool {
	if !digits(s) || len(s) > 20 {
		return false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return err == nil && n > 0
}

// snowflakeTime returns when a snowflake was made.
func snowflakeTime(s string) time.Time {
	const discordEpoch = 1420070400000 // 2015-01-01, in milliseconds
	n, _ := strconv.ParseUint(s, 10, 64)
	return time.UnixMilli(int64(n>>22) + discordEpoch).UTC()
}

// tokenSafe reports whether an interaction's token can stand in a URL's path.
func tokenSafe(token string) bool {
	if token == "" || token[0] == '.' || len(token) > 1024 {
		return false
	}
	for _, c := range []byte(token) {
		switch {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z',
			strings.IndexByte("-._~=:", c) >= 0:
		default:
			return false
		}
	}
	return true
}

func mention(id economy.UserID) string { return "<@" + string(id) + ">" }

func mentionRole(id economy.RoleID) string { return "<@&" + string(id) + ">" }

func mentionChannel(id economy.ChannelID) string { return "<#" + string(id) + ">" }
