package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"image"
	_ "image/gif" // pictures whose measures can be told
	_ "image/jpeg"
	_ "image/png"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// upload is a file that came with a message.
type upload struct {
	key         string // the n of files[n]
	name        string
	contentType string
	data        []byte
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
			switch {
			case len(uploads) == maxAttachments:
				return nil, nil, refuse(http.StatusBadRequest, 30015, "Maximum number of attachments in a message reached (10)")
			case len(data) > maxFileSize:
				return nil, nil, errTooLarge()
			}
			uploads = append(uploads, upload{
				key: strings.TrimSuffix(key, "]"), name: filepath.Base(part.FileName()),
				contentType: part.Header.Get("Content-Type"), data: data,
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

// newAttachment makes the attachment of a file, which stands in a folder of the file
// hosts. The name is as fileName has it.
func (s *Simulator) newAttachment(folder, id, name, contentType string, size int64) attachment {
	if contentType == "" {
		contentType = mime.TypeByExtension(filepath.Ext(name))
	}
	at := filePath(folder, id, name)
	rest := url.PathEscape(name) + "?" + s.fileQuery(at)
	a := attachment{
		ID: id, Filename: name, ContentType: contentType, Size: size,
		URL:      "https://cdn.discordapp.com/" + folder + "/" + id + "/" + rest,
		ProxyURL: "https://media.discordapp.net/" + folder + "/" + id + "/" + rest,
	}
	if strings.HasPrefix(contentType, "image/") {
		a.Width, a.Height = 800, 600
	}
	return a
}

// store keeps the content of an attachment, which tells its measures if it is a picture.
func (s *Simulator) store(folder string, a *attachment, data []byte) {
	a.Size = int64(len(data))
	if picture, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
		a.Width, a.Height = picture.Width, picture.Height
	}
	s.files.put(a.ID, file{filePath(folder, a.ID, a.Filename), cmp.Or(a.ContentType, "application/octet-stream"), data})
}

// keepAttachments is what a message has after a draft was applied: of those it had the
// ones that are named, and the files that came along. No list keeps all.
func (s *Simulator) keepAttachments(m *Message, d draft) []json.RawMessage {
	type entry struct {
		ID                    json.RawMessage `json:"id"`
		Filename, Description string
	}
	named := map[string]entry{}
	for _, raw := range d.kept {
		var a entry
		_ = json.Unmarshal(raw, &a) // was read before
		named[strings.Trim(string(a.ID), `"`)] = a
	}
	kept := []json.RawMessage{}
	for _, raw := range m.Attachments {
		if _, wanted := named[attachmentID(raw)]; wanted || d.kept == nil {
			kept = append(kept, raw)
		}
	}
	folder := "attachments/" + m.ChannelID
	for _, u := range d.uploads {
		told := named[u.key]
		a := s.newAttachment(folder, s.ids.next(), fileName(cmp.Or(told.Filename, u.name)), u.contentType, 0)
		a.Description = told.Description
		s.store(folder, &a, u.data)
		raw, _ := json.Marshal(a) // cannot fail
		kept = append(kept, raw)
	}
	return kept
}

// forgetAttachments drops the files of a message's attachments that are not kept.
func (s *Simulator) forgetAttachments(had, kept []json.RawMessage) {
	for _, raw := range had {
		id := attachmentID(raw)
		if !slices.ContainsFunc(kept, func(other json.RawMessage) bool { return attachmentID(other) == id }) {
			s.files.drop(id)
		}
	}
}

func attachmentID(raw json.RawMessage) string {
	var a attachment
	_ = json.Unmarshal(raw, &a) // was made here
	return a.ID
}
