package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
)

// upload is a file that came with a message. Its content is not kept.
type upload struct {
	key         string // the n of files[n]
	name        string
	contentType string
	size        int64
}

// readPayload takes the JSON out of a body that is JSON, or multipart with
// payload_json and files[n].
func readPayload(contentType string, body []byte) (json.RawMessage, []upload, *APIError) {
	kind, params, err := mime.ParseMediaType(contentType)
	switch {
	case err == nil && kind == "application/json":
		if !json.Valid(body) {
			return nil, nil, errInvalidJSON()
		}
		return body, nil, nil
	case err == nil && kind == "multipart/form-data":
		return readMultipart(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	}
	return nil, nil, errContentType("'application/json', 'multipart/form-data'")
}

func readMultipart(r *multipart.Reader) (json.RawMessage, []upload, *APIError) {
	payload, uploads := json.RawMessage("{}"), []upload{}
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return payload, uploads, nil
		}
		if err != nil {
			return nil, nil, errInvalidJSON()
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, errInvalidJSON()
		}
		name := part.FormName()
		switch key, isFile := strings.CutPrefix(name, "files["); {
		case name == "payload_json":
			if payload = data; !json.Valid(payload) {
				return nil, nil, errInvalidJSON()
			}
		case isFile || part.FileName() != "":
			if len(uploads) == maxAttachments {
				return nil, nil, refuse(http.StatusBadRequest, 30015, "Maximum number of attachments in a message reached (10)")
			}
			uploads = append(uploads, upload{
				key: strings.TrimSuffix(key, "]"), name: filepath.Base(part.FileName()),
				contentType: part.Header.Get("Content-Type"), size: int64(len(data)),
			})
		}
	}
}

// readAttachments checks the attachments of a body: each names a file that
// comes along by its key, or one that the message has by its id.
func readAttachments(f form, uploads []upload) []json.RawMessage {
	list := f.list("attachments", upTo(maxAttachments))
	for i, raw := range list {
		a, ok := openForm(raw, f.at.to("attachments").index(i), f.bad)
		if !ok || !a.require("id") {
			continue
		}
		id := strings.Trim(string(a.fields["id"]), `"`)
		known := isSnowflake(id) && len(id) > 4 // an attachment's own id, looked up when applied
		for _, u := range uploads {
			known = known || u.key == id
		}
		if !known {
			f.bad.add(a.at, "ATTACHMENT_NOT_FOUND", "Attachment data not found")
		}
		a.text("description", upTo(1024))
	}
	return list
}

// attachment is the object that Discord makes of a file.
type attachment struct {
	ID          string `json:"id"`
	Filename    string `json:"filename"`
	Description string `json:"description,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	Size        int64  `json:"size"`
	URL         string `json:"url"`
	ProxyURL    string `json:"proxy_url"`
	Width       int    `json:"width,omitempty"`
	Height      int    `json:"height,omitempty"`
	Ephemeral   bool   `json:"ephemeral,omitempty"`
}

// newAttachment makes the attachment of a file with an id of the message's.
func newAttachment(id, name, contentType string, size int64) attachment {
	if contentType == "" {
		contentType = mime.TypeByExtension(filepath.Ext(name))
	}
	a := attachment{
		ID: id, Filename: name, ContentType: contentType, Size: size,
		URL:      "https://cdn.discordapp.com/ephemeral-attachments/" + id + "/" + name,
		ProxyURL: "https://media.discordapp.net/ephemeral-attachments/" + id + "/" + name,
	}
	if strings.HasPrefix(contentType, "image/") {
		a.Width, a.Height = 800, 600
	}
	return a
}

// keepAttachments is what a message has after an edit: of those it had the
// ones that are named, and the files that came along. No list keeps all.
func keepAttachments(had, named []json.RawMessage, uploads []upload) []json.RawMessage {
	wanted := map[string]bool{}
	for _, raw := range named {
		var a struct {
			ID json.RawMessage `json:"id"`
		}
		_ = json.Unmarshal(raw, &a) // was read before
		wanted[strings.Trim(string(a.ID), `"`)] = true
	}
	kept := []json.RawMessage{}
	for _, raw := range had {
		var a attachment
		if json.Unmarshal(raw, &a) == nil && (named == nil || wanted[a.ID]) {
			kept = append(kept, raw)
		}
	}
	for i, u := range uploads {
		raw, err := json.Marshal(newAttachment(strconv.Itoa(1000+len(had)+i), u.name, u.contentType, u.size))
		if err == nil {
			kept = append(kept, raw)
		}
	}
	return kept
}
