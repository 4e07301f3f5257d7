package interactions

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
)

// checkLimits fails if Discord would refuse a response.
func checkLimits(t testing.TB, response object) {
	t.Helper()
	for _, broken := range brokenLimits(response) {
		t.Errorf("Discord would refuse the response: %s: %v", broken, response)
	}
}

func brokenLimits(response object) (broken []string) {
	check := func(ok bool, format string, args ...any) {
		if !ok {
			broken = append(broken, fmt.Sprintf(format, args...))
		}
	}
	long := func(v any) int { s, _ := v.(string); return len(utf16.Encode([]rune(s))) }
	kind, d := response["type"], data(response)
	switch kind {
	case 1.0, 5.0, 6.0:
		return nil
	case 8.0:
		list, ok := d["choices"].([]any)
		check(ok && len(list) <= 25, "choices: %v", d["choices"])
		for _, c := range list {
			check(long(c.(object)["name"]) >= 1 && long(c.(object)["name"]) <= 100, "choice %v", c)
		}
		return broken
	case 9.0:
		check(long(d["title"]) >= 1 && long(d["title"]) <= 45, "title of a modal")
		check(long(d["custom_id"]) >= 1 && long(d["custom_id"]) <= 100, "custom id %v", d["custom_id"])
		rows, _ := d["components"].([]any)
		check(len(rows) >= 1 && len(rows) <= 5, "%d rows", len(rows))
		asked := map[any]bool{}
		for _, r := range rows {
			in := r.(object)["components"].([]any)[0].(object)
			check(len(r.(object)["components"].([]any)) == 1 && long(in["label"]) >= 1 && long(in["label"]) <= 45, "input %v", in)
			check(long(in["custom_id"]) >= 1 && long(in["custom_id"]) <= 100 && long(in["placeholder"]) <= 100, "input %v", in)
			most, given := in["max_length"].(float64)
			check(!given || most >= 1 && most <= 4000, "input %v", in)
			check(long(in["value"]) <= 4000 && (!given || long(in["value"]) <= int(most)), "input %v", in)
			check(!asked[in["custom_id"]], "two inputs %v", in["custom_id"])
			asked[in["custom_id"]] = true
		}
		return broken
	case 4.0, 7.0:
	default:
		return []string{fmt.Sprintf("type %v", kind)}
	}
	parse, ok := d["allowed_mentions"].(object)["parse"].([]any)
	check(ok && len(parse) == 0, "allowed_mentions %v", d["allowed_mentions"])
	embeds, ok := d["embeds"].([]any)
	check(ok && len(embeds) <= 10 && (len(embeds) >= 1 || long(d["content"]) >= 1), "embeds %v", d["embeds"])
	check(long(d["content"]) <= 2000, "content of %d characters", long(d["content"]))
	total := 0
	limit := func(what string, v any, least, most int) {
		n := long(v)
		total += n
		check(n >= least && n <= most, "%s has %d", what, n)
	}
	for _, e := range embeds {
		e := e.(object)
		limit("title", e["title"], 0, 256)
		limit("description", e["description"], 0, 4096)
		check(e["title"] != nil || e["description"] != nil, "an embed without text")
		for _, picture := range []string{"image", "thumbnail"} {
			if p, ok := e[picture].(object); ok {
				url, _ := p["url"].(string)
				check((strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "attachment://proof.")) && len(url) <= 2048, "%s %v", picture, p)
			}
		}
		if f, ok := e["footer"].(object); ok {
			limit("footer", f["text"], 1, 2048)
		}
		fields, _ := e["fields"].([]any)
		check(len(fields) <= 25, "%d fields", len(fields))
		for _, f := range fields {
			limit("field name", f.(object)["name"], 1, 256)
			limit("field value", f.(object)["value"], 1, 1024)
		}
	}
	check(total <= 6000, "embeds of %d characters", total)
	rows, ok := d["components"].([]any)
	check(ok && len(rows) <= 5, "components %v", d["components"])
	seen := map[any]bool{}
	for _, r := range rows {
		buttons := r.(object)["components"].([]any)
		check(len(buttons) >= 1 && len(buttons) <= 5, "%d buttons", len(buttons))
		for _, c := range buttons {
			c := c.(object)
			if c["type"] == 3.0 {
				check(len(buttons) == 1, "a menu beside others")
				broken = append(broken, brokenMenu(c)...)
			} else {
				check(long(c["label"]) >= 1 && long(c["label"]) <= 80, "label %v", c["label"])
			}
			if c["style"] == 5.0 {
				continue
			}
			check(long(c["custom_id"]) >= 1 && long(c["custom_id"]) <= 100, "custom id %v", c["custom_id"])
			check(!seen[c["custom_id"]], "two components %v", c["custom_id"])
			seen[c["custom_id"]] = true
		}
	}
	return broken
}

func brokenMenu(menu object) (broken []string) {
	long := func(v any) int { s, _ := v.(string); return len(utf16.Encode([]rune(s))) }
	options, _ := menu["options"].([]any)
	if len(options) < 1 || len(options) > 25 || long(menu["placeholder"]) > 150 {
		broken = append(broken, fmt.Sprintf("menu of %d options: %v", len(options), menu))
	}
	seen, chosen := map[any]bool{}, 0
	for _, o := range options {
		o := o.(object)
		if o["default"] == true {
			chosen++
		}
		label, _ := o["label"].(string)
		if seen[o["value"]] || chosen > 1 || strings.TrimSpace(label) == "" || long(label) > 100 ||
			long(o["value"]) < 1 || long(o["value"]) > 100 || long(o["description"]) > 100 {
			broken = append(broken, fmt.Sprintf("option %v", o))
		}
		seen[o["value"]] = true
	}
	return broken
}
