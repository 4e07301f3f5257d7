package openapi

import "strings"

// complete adds to each operation what follows from its form, unless it says so
// itself: that it is open to everyone, the parameters of its path, and the refusals
// that every operation of the form can answer with.
func (d *Document) complete() {
	shared := object(object(d.root["components"])["parameters"])
	for _, o := range d.list() {
		answers := object(o.node["responses"])
		add := func(status, response string) {
			if _, said := answers[status]; !said && answers != nil {
				answers[status] = map[string]any{"$ref": "#/components/responses/" + response}
			}
		}
		for segment := range strings.SplitSeq(o.Path, "/") {
			name := strings.Trim(segment, "{}")
			if _, known := shared[name]; name != segment && known && !o.has("path", name) {
				list, _ := o.node["parameters"].([]any)
				o.node["parameters"] = append(list, map[string]any{"$ref": "#/components/parameters/" + name})
			}
		}
		add("400", "Bad")
		add("429", "TooMany")
		add("500", "Failed")
		add("503", "Unavailable")
		if o.Access == "public" {
			o.node["security"] = []any{}
		} else {
			add("401", "Unauthorized")
			if o.Access != "signed-in" {
				add("403", "Forbidden")
			}
		}
		if strings.Contains(o.Path, "{") {
			add("404", "NotFound")
		}
		if o.node["requestBody"] != nil {
			add("413", "TooLarge")
			add("415", "ContentType")
		}
		if o.has("header", "Idempotency-Key") {
			add("409", "Conflict")
			add("422", "Refused")
		}
		if o.has("header", "If-Match") {
			add("409", "Conflict")
			add("412", "Changed")
			add("422", "Refused")
			add("428", "NoPrecondition")
		}
	}
}

func (o Operation) has(in, name string) bool {
	for _, p := range o.parameters {
		if p["in"] == in && strings.EqualFold(text(p["name"]), name) {
			return true
		}
	}
	return false
}
