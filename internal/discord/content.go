package discord

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// content is the body of a call, in parts that are sent one after the other, so that
// files need not be copied to stand beside what describes them. The zero value is no
// body.
type content struct {
	kind  string // media type
	parts [][]byte
}

// jsonContent is a body of JSON.
func jsonContent(body []byte) content { return content{"application/json", [][]byte{body}} }

func (c content) size() (n int64) {
	for _, part := range c.parts {
		n += int64(len(part))
	}
	return n
}

// reader reads the body from its beginning.
func (c content) reader() io.ReadCloser {
	readers := make([]io.Reader, len(c.parts))
	for i, part := range c.parts {
		readers[i] = bytes.NewReader(part)
	}
	return io.NopCloser(io.MultiReader(readers...))
}

// set makes it the body of a request, which may be read again.
func (c content) set(req *http.Request) {
	if c.size() == 0 {
		return
	}
	req.Header.Set("Content-Type", c.kind)
	req.ContentLength = c.size()
	req.GetBody = func() (io.ReadCloser, error) { return c.reader(), nil }
	req.Body = c.reader()
}

// attached tells of a file that comes with a message.
type attached struct {
	ID       int    `json:"id"` // the n of files[n]
	Filename string `json:"filename"`
}

// withFiles returns a message with its files as Discord takes them: JSON alone, or a
// form of payload_json and files[n].
func withFiles(message map[string]json.RawMessage, files map[string][]byte) (content, error) {
	if len(files) == 0 {
		body, err := json.Marshal(message)
		if err != nil {
			return content{}, &Error{Message: "the message is no JSON"}
		}
		return jsonContent(body), nil
	}
	names := slices.Sorted(maps.Keys(files))
	list := make([]attached, len(names))
	for i, name := range names {
		list[i] = attached{i, name}
	}
	described, err := json.Marshal(list)
	if err != nil {
		return content{}, &Error{Message: "the names of the files are no text"}
	}
	message["attachments"] = described
	body, err := json.Marshal(message)
	if err != nil {
		return content{}, &Error{Message: "the message is no JSON"}
	}
	var form formBuilder
	form.Writer = multipart.NewWriter(&form.frame)
	form.add(`form-data; name="payload_json"`, "application/json", body)
	for i, name := range names {
		form.add(fmt.Sprintf(`form-data; name="files[%d]"; filename="%s"`, i, quotedName.Replace(name)), http.DetectContentType(files[name]), files[name])
	}
	return form.end(), nil
}

// quotedName escapes what would end a file's name, as mime/multipart does.
var quotedName = strings.NewReplacer("\\", "\\\\", `"`, "\\\"", "\r", "%0D", "\n", "%0A")

// formBuilder makes a form whose contents stay where they are: only what stands between
// them is written.
type formBuilder struct {
	*multipart.Writer
	frame bytes.Buffer
	parts [][]byte
}

func (f *formBuilder) add(disposition, kind string, data []byte) {
	header := textproto.MIMEHeader{"Content-Disposition": {disposition}, "Content-Type": {kind}}
	_, _ = f.CreatePart(header) // a buffer takes everything
	f.cut()
	f.parts = append(f.parts, data)
}

// cut moves what was written to the parts.
func (f *formBuilder) cut() {
	f.parts = append(f.parts, bytes.Clone(f.frame.Bytes()))
	f.frame.Reset()
}

func (f *formBuilder) end() content {
	_ = f.Close() // a buffer takes everything
	f.cut()
	return content{f.FormDataContentType(), f.parts}
}
