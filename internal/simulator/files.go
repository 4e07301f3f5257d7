package simulator

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fileHosts is where REST serves what Discord has at cdn.discordapp.com and
// media.discordapp.net.
const fileHosts = "/cdn"

// routeOfFiles is the name of the file hosts for faults.
const routeOfFiles = "files.get"

// files is what was uploaded, by the ids of the attachments. The oldest goes first when
// it gets too much. Its zero value is ready; the simulator's lock guards it.
type files struct {
	byID  map[string]file
	order []string // oldest first
	bytes int
}

// file is one of them. Its content is never written to.
type file struct {
	path        string // of its address, "/attachments/1/2/a.png"
	contentType string
	data        []byte
}

// put keeps a file that is not there yet.
func (f *files) put(id string, kept file) {
	if f.byID == nil {
		f.byID = map[string]file{}
	}
	f.byID[id], f.order, f.bytes = kept, append(f.order, id), f.bytes+len(kept.data)
	for f.bytes > keptFileBytes || len(f.order) > keptFiles {
		f.drop(f.order[0])
	}
}

func (f *files) drop(id string) {
	i := slices.Index(f.order, id)
	if i < 0 {
		return
	}
	f.order, f.bytes = slices.Delete(f.order, i, i+1), f.bytes-len(f.byID[id].data)
	delete(f.byID, id)
}

// filePath is the path of a file's address, without escapes.
func filePath(folder, id, name string) string { return "/" + folder + "/" + id + "/" + name }

// fileQuery is what stands behind the address of a file, as at Discord: until when it
// is good and since when, in hexadecimal seconds, a signature, and an ampersand.
func (s *Simulator) fileQuery(at string) string {
	now := s.cfg.Now()
	ex, is := strconv.FormatInt(now.Add(fileLife).Unix(), 16), strconv.FormatInt(now.Unix(), 16)
	return "ex=" + ex + "&is=" + is + "&hm=" + s.fileSignature(at, ex, is) + "&"
}

func (s *Simulator) fileSignature(at, ex, is string) string {
	mac := hmac.New(sha256.New, s.cfg.PrivateKey.Seed())
	_, _ = mac.Write([]byte(at + "?" + ex + "&" + is)) // never fails
	return hex.EncodeToString(mac.Sum(nil))
}

// serveFile is Discord's file hosts: they know no bot and no form of errors, and serve
// what is asked for by an address that is good.
func (s *Simulator) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	fault := s.takeFault(func(f *Fault) bool { return f.forCall(routeOfFiles, r.Method, r.URL.Path) })
	s.mu.Unlock()
	if s.strike(w, r, fault) {
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	}
	kept, ok := s.addressed(r)
	s.cfg.Log.Debug("rest", "route", routeOfFiles, "found", ok, "fault", fault.Kind)
	if fault.Kind == CloseAfter {
		panic(http.ErrAbortHandler)
	}
	if !ok {
		http.Error(w, "This content is no longer available.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", kept.contentType)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(kept.data))
}

// addressed finds the file of a request at the file hosts, if its address is good.
func (s *Simulator) addressed(r *http.Request) (file, bool) {
	at, query := strings.TrimPrefix(r.URL.Path, fileHosts), r.URL.Query()
	ex, is := query.Get("ex"), query.Get("is")
	until, err := strconv.ParseInt(ex, 16, 64)
	if err != nil || s.cfg.Now().Unix() > until || !hmac.Equal([]byte(query.Get("hm")), []byte(s.fileSignature(at, ex, is))) {
		return file{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	parts := strings.Split(at, "/")
	kept, ok := s.files.byID[parts[max(0, len(parts)-2)]]
	return kept, ok && kept.path == at
}

// File returns the content of a file that was uploaded, by the id of its attachment.
func (s *Simulator) File(id string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, ok := s.files.byID[id]
	return bytes.Clone(kept.data), ok
}

// ExpireFile has Discord serve a file no more, by the id of its attachment, before its
// time; or with "" all that there are. It reports whether there was any.
func (s *Simulator) ExpireFile(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id == "" {
		had := len(s.files.order) > 0
		s.files = files{}
		return had
	}
	_, ok := s.files.byID[id]
	s.files.drop(id)
	return ok
}

// controlExpire has a file expire, or with "all" every one.
func (s *Simulator) controlExpire(r *http.Request) (any, error) {
	id := r.PathValue("file")
	if id == "all" {
		id = ""
	}
	if !s.ExpireFile(id) {
		return nil, &controlError{http.StatusNotFound, "there is no such file"}
	}
	return nil, nil
}

// controlFile serves a file to a client, which has fresh addresses whenever it shows a
// message and so needs none here. It comes from the page's own origin, so it must not
// run there, whatever it is.
func (s *Simulator) controlFile(w http.ResponseWriter, r *http.Request) {
	if err := guard(r); err != nil {
		status := http.StatusForbidden
		var refused *controlError
		if errors.As(err, &refused) {
			status = refused.status
		}
		write(w, status, map[string]string{"error": err.Error()})
		return
	}
	s.mu.Lock()
	kept, ok := s.files.byID[r.PathValue("file")]
	s.mu.Unlock()
	if !ok || !strings.HasSuffix(kept.path, "/"+r.PathValue("name")) {
		write(w, http.StatusNotFound, map[string]string{"error": "there is no such file"})
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache") // it may expire
	h.Set("ETag", `"`+r.PathValue("file")+`"`)
	h.Set("Content-Type", kept.contentType)
	if !strings.HasPrefix(kept.contentType, "image/") {
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", "attachment")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(kept.data))
}
