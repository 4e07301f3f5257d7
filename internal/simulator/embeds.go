package simulator

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// readEmbeds reads and checks the embeds of a message. Each gets the type that
// Discord gives it.
func readEmbeds(f form) []json.RawMessage {
	list := f.list("embeds", upTo(maxEmbeds))
	total := 0
	for i, raw := range list {
		e, ok := openForm(raw, f.at.to("embeds").index(i), f.bad)
		if !ok {
			continue
		}
		total += readEmbed(e)
		e.fields["type"] = json.RawMessage(`"rich"`)
		list[i], _ = json.Marshal(e.fields) // of valid JSON: cannot fail
	}
	if total > maxEmbedTotal {
		f.bad.add(f.at.to("embeds"), "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of %d", maxEmbedTotal)
	}
	return list
}

// readEmbed checks one embed and returns the letters that count.
func readEmbed(e form) int {
	count := 0
	text := func(f form, key string, s span) {
		// Spaces at the ends do not count: Discord trims them away.
		v := strings.TrimSpace(f.text(key, span{0, 1 << 30}))
		if s.min > 0 && v == "" {
			f.bad.required(f.at.to(key))
			return
		}
		f.bad.length(f.at.to(key), length(v), upTo(s.max))
		count += length(v)
	}
	shown := false
	for _, key := range []string{"title", "description", "fields", "image", "thumbnail", "footer", "author"} {
		shown = shown || e.given(key) && string(e.fields[key]) != `""` && string(e.fields[key]) != `[]`
	}
	if !shown {
		e.bad.required(e.at.to("description"))
	}
	text(e, "title", upTo(maxTitle))
	text(e, "description", upTo(maxDescription))
	e.whole("color", 0, maxColor)
	checkURL(e, "url", false)
	checkTime(e, "timestamp")
	if footer, ok := e.sub("footer"); ok {
		text(footer, "text", span{1, maxFooter})
		checkURL(footer, "icon_url", true)
	}
	if author, ok := e.sub("author"); ok {
		text(author, "name", span{1, maxAuthor})
		checkURL(author, "url", false)
		checkURL(author, "icon_url", true)
	}
	for _, key := range []string{"image", "thumbnail"} {
		if picture, ok := e.sub(key); ok && picture.require("url") {
			checkURL(picture, "url", true)
		}
	}
	for i, raw := range e.list("fields", upTo(maxFields)) {
		if field, ok := openForm(raw, e.at.to("fields").index(i), e.bad); ok {
			text(field, "name", span{1, maxFieldName})
			text(field, "value", span{1, maxFieldValue})
			field.boolean("inline")
		}
	}
	return count
}

// checkURL wants http or https, or where a picture belongs attachment://name.
// (A name that no file has is no error to Discord: the picture stays empty.)
func checkURL(f form, key string, picture bool) {
	v := f.text(key, upTo(maxURL))
	if v == "" {
		return
	}
	u, err := url.Parse(v)
	switch {
	case err != nil:
		f.bad.add(f.at.to(key), "URL_TYPE_INVALID_URL", "Not a well formed URL.")
	case u.Scheme == "attachment" && picture:
	case u.Scheme != "http" && u.Scheme != "https":
		f.bad.add(f.at.to(key), "URL_TYPE_INVALID_SCHEME",
			"Scheme \"%s\" is not supported. Scheme must be one of ('http', 'https').", u.Scheme)
	case u.Host == "" || strings.ContainsAny(v, " \t\r\n"):
		f.bad.add(f.at.to(key), "URL_TYPE_INVALID_URL", "Not a well formed URL.")
	}
}

func checkTime(f form, key string) {
	v := f.text(key, upTo(maxURL))
	if v == "" {
		return
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if _, err := time.Parse(layout, v); err == nil {
			return
		}
	}
	f.bad.add(f.at.to(key), "DATE_TIME_TYPE_PARSE", "Could not parse %s. Should be ISO8601.", v)
}
