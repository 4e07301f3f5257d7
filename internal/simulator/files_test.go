package simulator

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tiny is a picture of 3 by 2.
func tiny(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// form makes a body of a message and files by their names, in pairs.
func multipartOf(t *testing.T, payload string, files ...string) (body string, kind func(*http.Request)) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	_ = form.WriteField("payload_json", payload)
	for i := 0; i < len(files); i += 2 {
		w, err := form.CreateFormFile(fmt.Sprintf("files[%d]", i/2), files[i])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(files[i+1]))
	}
	_ = form.Close()
	return b.String(), func(r *http.Request) { r.Header.Set("Content-Type", form.FormDataContentType()) }
}

// cdn asks the file hosts for what stands at an address of Discord's.
func (r *rig) cdn(address string) (int, string) {
	r.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.call("GET", "/cdn"+u.EscapedPath()+"?"+u.RawQuery, "", func(req *http.Request) {
		req.Header = http.Header{"User-Agent": {"anything"}}
	})
}

// attachments are those of a message of the API.
func attachments(t *testing.T, out string) (id string, list []attachment) {
	t.Helper()
	m := decode[struct {
		ID          string
		Attachments []attachment
	}](t, out)
	return m.ID, m.Attachments
}

const reviews = "/api/v10/channels/" + DemoReviewChannel + "/messages"

func TestFilesOfAMessage(t *testing.T) {
	r := newRig(t, always(nil))
	picture := tiny(t)
	body, kind := multipartOf(t, `{"embeds":[{"image":{"url":"attachment://proof.png"}}],"attachments":[{"id":0,"filename":"proof.png","description":"a boat"}]}`,
		"boat.png", picture, "my notes.txt", "left")
	status, out := r.call("POST", reviews, body, kind)
	id, list := attachments(t, out)
	if status != 200 || len(list) != 2 {
		t.Fatalf("%d %s", status, out)
	}
	a := list[0]
	if a.Filename != "proof.png" || a.Description != "a boat" || a.Size != int64(len(picture)) || a.Width != 3 || a.Height != 2 || list[1].Filename != "my_notes.txt" {
		t.Errorf("attachments are %+v", list)
	}
	for _, address := range []string{a.URL, a.ProxyURL} {
		if status, got := r.cdn(address); status != 200 || got != picture {
			t.Errorf("%s: %d %q", address, status, got)
		}
	}
	if kept, ok := r.File(a.ID); !ok || string(kept) != picture {
		t.Errorf("kept %q, %v", kept, ok)
	}

	// An edit without a list keeps them; one with a list keeps what it names.
	status, out = r.call("PATCH", reviews+"/"+id, `{"content":"seen"}`)
	if _, list := attachments(t, out); status != 200 || len(list) != 2 {
		t.Errorf("edit: %d %s", status, out)
	}
	status, out = r.call("PATCH", reviews+"/"+id, `{"attachments":[{"id":"`+list[1].ID+`"}]}`)
	if _, left := attachments(t, out); status != 200 || len(left) != 1 || left[0].ID != list[1].ID {
		t.Errorf("edit with a list: %d %s", status, out)
	}
	if status, _ := r.cdn(a.URL); status != 404 {
		t.Errorf("what was removed is served: %d", status)
	}
	if status, out := r.call("PATCH", reviews+"/"+id, `{"attachments":[{"id":7}]}`); status != 400 || !strings.Contains(out, "ATTACHMENT_NOT_FOUND") {
		t.Errorf("a file that did not come: %d %s", status, out)
	}
	if status, _ := r.control("DELETE", "/simulator/messages/"+id, ""); status != 204 {
		t.Errorf("delete: %d", status)
	}
	if status, _ := r.cdn(list[1].URL); status != 404 {
		t.Errorf("what was deleted is served: %d", status)
	}
}

func TestFilesThatTheBotMayNotSend(t *testing.T) {
	r := newRig(t, always(nil))
	body, kind := multipartOf(t, `{"content":"x"}`, "a.bin", repeat("x", maxFileSize+1))
	if status, out := r.call("POST", reviews, body, kind); status != 413 || !strings.Contains(out, `"code":40005`) {
		t.Errorf("too large: %d %s", status, out)
	}
	many := []string{}
	for i := range maxAttachments + 1 {
		many = append(many, nth(i), "x")
	}
	body, kind = multipartOf(t, `{"content":"x"}`, many...)
	if status, out := r.call("POST", reviews, body, kind); status != 400 || !strings.Contains(out, `"code":30015`) {
		t.Errorf("too many: %d %s", status, out)
	}
	r.forbid(AttachFiles)
	body, kind = multipartOf(t, `{"content":"x"}`, "a.png", "x")
	if status, out := r.call("POST", reviews, body, kind); status != 403 || !strings.Contains(out, `"code":50013`) {
		t.Errorf("forbidden: %d %s", status, out)
	}
	if status, out := r.call("POST", reviews, `{"content":"x"}`); status != 200 {
		t.Errorf("without files: %d %s", status, out)
	}
	if n := len(r.Messages("reviews", "")); n != 1 {
		t.Errorf("%d messages", n)
	}
}

// forbid takes a permission from everybody.
func (r *rig) forbid(p Permissions) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, role := range r.world.roles {
		role.Permissions &^= p
		r.world.roles[id] = role
	}
}

func TestMessagesInChannels(t *testing.T) {
	r := newRig(t, always(text("an answer")))
	_, out := r.call("POST", reviews, `{"content":"x"}`)
	id, _ := attachments(t, out)
	answer := r.say("bob", "/ping").Message
	r.mu.Lock()
	r.post(&Message{ID: r.ids.next(), ChannelID: DemoReviewChannel, GuildID: DemoGuildID, Author: User{ID: bobsID}, Content: "mine"})
	r.mu.Unlock()
	others := r.Messages("reviews", "")[1].ID
	edit := func(channel, message string) (int, string) {
		return r.call("PATCH", "/api/v10/channels/"+channel+"/messages/"+message, `{"content":"y","embeds":[],"components":[]}`)
	}
	for _, c := range []struct {
		name, channel, message string
		status                 int
		want                   string
	}{
		{"its own", DemoReviewChannel, id, 200, `"content":"y"`},
		{"its own answer", DemoGeneralChannel, answer.ID, 200, `"content":"y"`},
		{"in another channel", DemoGeneralChannel, id, 404, `"code":10008`},
		{"unknown", DemoReviewChannel, "5", 404, `"code":10008`},
		{"an unknown channel", "5", id, 404, `"code":10003`},
		{"another author's", DemoReviewChannel, others, 403, `"code":50005`},
	} {
		if status, out := edit(c.channel, c.message); status != c.status || !strings.Contains(out, c.want) {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, out, c.status, c.want)
		}
	}
	if m, _ := r.Message(id); m.EditedAt == nil || m.Content != "y" {
		t.Errorf("it shows %+v", m)
	}
	if !r.DeleteMessage(id) || r.DeleteMessage(id) {
		t.Error("it was not deleted once")
	}
	if status, out := edit(DemoReviewChannel, id); status != 404 || !strings.Contains(out, `"code":10008`) {
		t.Errorf("deleted: %d %s", status, out)
	}
	r.forbid(ViewChannel)
	if status, out := edit(DemoReviewChannel, id); status != 403 || !strings.Contains(out, `"code":50001`) {
		t.Errorf("hidden: %d %s", status, out)
	}
	if status, out := r.call("POST", reviews, `{"content":"x"}`); status != 403 || !strings.Contains(out, `"code":50001`) {
		t.Errorf("posting where it is hidden: %d %s", status, out)
	}
}

// Whoever sits there presses the buttons of what the bot has posted, and gets modals.
func TestButtonsOfAPostedMessage(t *testing.T) {
	r := newRig(t, func(in incoming) any {
		switch in.Data.CustomID {
		case "reject":
			return modal(input("why"))
		case "later":
			return map[string]any{"type": 6}
		}
		return map[string]any{"type": 7, "data": map[string]any{"content": "by " + in.Member.User.Username, "components": []any{}}}
	})
	_, out := r.call("POST", reviews, `{"content":"work","components":[{"type":1,"components":[
		{"type":2,"style":3,"label":"Approve","custom_id":"approve"},{"type":2,"style":4,"label":"Reject","custom_id":"reject"},{"type":2,"style":2,"label":"Later","custom_id":"later"}]}]}`)
	id, _ := attachments(t, out)
	press := func(as, button string) Interaction {
		t.Helper()
		it, err := r.Click(t.Context(), Click{As: as, MessageID: id, CustomID: button})
		if err != nil {
			t.Fatal(err)
		}
		return it
	}
	opened := press("chidi", "reject")
	if opened.Modal == nil {
		t.Fatalf("no modal: %+v", opened)
	}
	wantState(t, press("dana", "later"), Thinking)
	if status, out := r.call("PATCH", r.webhook("/messages/@original"), `{"content":"later"}`); status != 200 || !strings.Contains(out, id) {
		t.Errorf("the deferred update: %d %s", status, out)
	}
	it, err := r.SubmitModal(t.Context(), ModalSubmit{As: "chidi", InteractionID: opened.ID, Fields: map[string]string{"why": "blurred"}})
	if err != nil || it.State != Answered {
		t.Fatalf("the modal: %+v, %v", it, err)
	}
	if m, _ := r.Message(id); m.Content != "by chidi" || len(m.Components) != 0 {
		t.Errorf("it shows %+v", m)
	}
	if in := r.app.last(); in.Message == nil || in.Message.ID != id {
		t.Errorf("the modal came without its message: %s", in.raw)
	}
}

// upload says a command with a file, and returns what the app is told of it.
func (r *rig) upload(name, content string) attachment {
	r.t.Helper()
	options, _ := json.Marshal(map[string]any{"proof": map[string]any{"name": name, "data": []byte(content)}})
	var given map[string]json.RawMessage
	if err := json.Unmarshal(options, &given); err != nil {
		r.t.Fatal(err)
	}
	it, err := r.Say(r.t.Context(), Command{As: "bob", Filled: Filled{Command: "all", Options: given}})
	if err != nil {
		r.t.Fatal(err)
	}
	return resolvedFile(r.t, it)
}

func resolvedFile(t *testing.T, it Interaction) attachment {
	t.Helper()
	told := decode[struct {
		Data struct {
			Resolved struct{ Attachments map[string]attachment }
		}
	}](t, string(it.Request))
	for _, a := range told.Data.Resolved.Attachments {
		return a
	}
	t.Fatalf("no attachment in %s", it.Request)
	return attachment{}
}

func TestTheAppFetchesWhatAMemberAttached(t *testing.T) {
	r := newRig(t, always(text("thanks")))
	picture := tiny(t)
	a := r.upload("my boat?.png", picture)
	if a.Filename != "my_boat?.png" || a.ContentType != "image/png" || a.Size != int64(len(picture)) || a.Width != 3 || a.Height != 2 || !a.Ephemeral {
		t.Errorf("told %+v", a)
	}
	if !strings.HasPrefix(a.URL, "https://cdn.discordapp.com/ephemeral-attachments/"+DemoApplicationID+"/"+a.ID+"/my_boat%3F.png?ex=") || !strings.HasSuffix(a.URL, "&") {
		t.Errorf("its address is %s", a.URL)
	}
	u, _ := url.Parse(a.URL)
	if ex, err := strconv.ParseInt(u.Query().Get("ex"), 16, 64); err != nil || ex != r.clock.now().Add(24*time.Hour).Unix() {
		t.Errorf("it expires at %d, %v", ex, err)
	}
	for _, address := range []string{a.URL, a.ProxyURL} {
		if status, got := r.cdn(address); status != 200 || got != picture {
			t.Errorf("%s: %d %q", address, status, got)
		}
	}
	for name, address := range map[string]string{
		"no signature":      strings.Split(a.URL, "?")[0],
		"another end":       strings.Replace(a.URL, "ex=", "ex=1", 1),
		"another name":      strings.Replace(a.URL, "my_boat", "a_boat", 1),
		"another signature": strings.Replace(a.URL, "hm=", "hm=0", 1),
		"another id":        strings.Replace(a.URL, a.ID, "5", 1),
		"no file":           "https://cdn.discordapp.com/",
	} {
		if status, got := r.cdn(address); status != 404 || strings.Contains(got, picture) {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _ := r.call("POST", "/cdn"+u.Path, "x"); status != 405 {
		t.Errorf("posting a file: %d", status)
	}
	r.clock.advance(24 * time.Hour)
	if status, _ := r.cdn(a.URL); status != 200 {
		t.Errorf("at its end: %d", status)
	}
	r.clock.advance(time.Second)
	if status, out := r.cdn(a.URL); status != 404 || !strings.Contains(out, "no longer available") {
		t.Errorf("after its end: %d %s", status, out)
	}
}

func TestAFileExpiresBeforeItsTime(t *testing.T) {
	r := newRig(t, always(text("thanks")))
	a, b, c := r.upload("a.png", "A"), r.upload("b.png", "B"), r.upload("c.png", "C")
	if status, _ := r.control("DELETE", "/simulator/files/"+a.ID, ""); status != 204 {
		t.Errorf("expire: %d", status)
	}
	for address, want := range map[string]int{a.URL: 404, b.URL: 200, c.URL: 200} {
		if status, _ := r.cdn(address); status != want {
			t.Errorf("%s: %d, want %d", address, status, want)
		}
	}
	if status, _ := r.control("DELETE", "/simulator/files/all", ""); status != 204 || r.ExpireFile("") {
		t.Errorf("expire all: %d", status)
	}
	if status, _ := r.cdn(b.URL); status != 404 {
		t.Errorf("all: %d", status)
	}
}

func TestAFileThatWasOnlyToldOf(t *testing.T) {
	r := newRig(t, always(text("thanks")))
	a := resolvedFile(t, r.say("bob", "/all proof:boat.png"))
	if status, _ := r.cdn(a.URL); status != 404 || a.Size == 0 {
		t.Errorf("%d, %+v", status, a)
	}
	for want, file := range map[string]string{
		"too powerful": `{"name":"a","data":"` + base64.StdEncoding.EncodeToString(make([]byte, maxFileSize+1)) + `"}`,
		"no file":      `{"name":"a","data":"not base64"}`,
	} {
		_, err := r.Say(t.Context(), Command{As: "bob", Filled: Filled{Command: "all", Options: map[string]json.RawMessage{"proof": json.RawMessage(file)}}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	whole := `{"as":"bob","command":"all","options":{"proof":{"name":"a","data":"` + base64.StdEncoding.EncodeToString(make([]byte, maxFileSize)) + `"}}}`
	if status, out := r.control("POST", "/simulator/commands", whole); status != 200 {
		t.Errorf("the largest file: %d %.200s", status, out)
	}
}

func TestFaultsOfTheFileHosts(t *testing.T) {
	r := newRig(t, always(text("thanks")))
	a := r.upload("a.png", "A")
	for _, f := range []Fault{
		{Kind: StatusFault, Status: 502, Route: "files.get"}, {Kind: RateLimit, RetryAfter: 1, Path: "/cdn/", Global: true}, {Kind: StatusFault, Status: 403, Code: 50013},
	} {
		if _, err := r.Plant(f); err != nil {
			t.Fatal(err)
		}
		want := f.Status
		if f.Kind == RateLimit {
			want = 429
		}
		if status, _ := r.cdn(a.URL); status != want {
			t.Errorf("%+v: %d", f, status)
		}
	}
	for _, kind := range []FaultKind{CloseBefore, CloseAfter} {
		if _, err := r.Plant(Fault{Kind: kind, Route: "files.get", Count: -1}); err != nil { // net/http tries a GET again
			t.Fatal(err)
		}
		if _, _, err := r.try("GET", "/cdn/x", ""); err == nil {
			t.Errorf("%s: the connection was not cut", kind)
		}
		r.ClearFaults()
	}
	if status, got := r.cdn(a.URL); status != 200 || got != "A" || len(r.Faults()) != 0 {
		t.Errorf("%d %s, left are %v", status, got, r.Faults())
	}
}

// The routes of a message with files are at the mercy of the same faults as all.
func TestFaultsOfMessagesWithFiles(t *testing.T) {
	r := newRig(t, always(nil))
	body, kind := multipartOf(t, `{"content":"x","nonce":"n","enforce_nonce":true}`, "a.png", tiny(t))
	for _, f := range []Fault{
		{Kind: StatusFault, Status: 500, Route: "messages.post"}, {Kind: StatusFault, Status: 502, Route: "messages.post"},
		{Kind: StatusFault, Status: 403, Code: 50013, Route: "messages.post"}, {Kind: RateLimit, RetryAfter: 1, Global: true, Route: "messages.post"},
	} {
		if _, err := r.Plant(f); err != nil {
			t.Fatal(err)
		}
		if status, out := r.call("POST", reviews, body, kind); status < 400 || len(r.Messages("reviews", "")) != 0 {
			t.Errorf("%+v: %d %s", f, status, out)
		}
	}
	if _, err := r.Plant(Fault{Kind: CloseAfter, Route: "messages.post"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.try("POST", reviews, body, kind); err == nil {
		t.Error("the answer was not lost")
	}
	_, out := r.call("POST", reviews, body, kind)
	if id, list := attachments(t, out); len(r.Messages("reviews", "")) != 1 || r.Messages("reviews", "")[0].ID != id || len(list) != 1 || len(r.files.order) != 1 {
		t.Errorf("after a lost answer there are %s and %d files", out, len(r.files.order))
	}
}

func TestAClientSeesFiles(t *testing.T) {
	r := newRig(t, always(text("thanks")))
	script, drawn, other := r.upload("a.svg", "<svg/>"), r.upload("b.png", tiny(t)), r.upload("page.html", "<script>")
	for _, c := range []struct {
		a           attachment
		kind, place string
	}{{script, "image/svg+xml", ""}, {drawn, "image/png", ""}, {other, "application/octet-stream", "attachment"}} {
		path := r.ctl.URL + "/simulator/files/" + c.a.ID + "/" + c.a.Filename
		res, err := http.Get(path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		h := res.Header
		if res.StatusCode != 200 || h.Get("Content-Type") != c.kind || h.Get("Content-Disposition") != c.place ||
			!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", c.a.Filename, res.StatusCode, h)
		}
	}
	if status, _ := r.control("GET", "/simulator/files/"+drawn.ID+"/a.png", ""); status != 404 {
		t.Errorf("by another name: %d", status)
	}
}

func TestFilesAreBounded(t *testing.T) {
	var f files
	large := make([]byte, 5<<20)
	for i := range 100 {
		f.put(nth(i), file{data: large})
	}
	if f.bytes > keptFileBytes || len(f.byID) != 12 || len(f.order) != 12 || f.byID["id-99"].data == nil {
		t.Errorf("%d bytes in %d files", f.bytes, len(f.byID))
	}
	for i := range 3 * keptFiles {
		f.put("small "+nth(i), file{data: []byte("x")})
	}
	if len(f.byID) != keptFiles || len(f.order) != keptFiles || f.bytes != keptFiles {
		t.Errorf("%d bytes in %d files", f.bytes, len(f.byID))
	}
	f.drop("small " + nth(3*keptFiles-1))
	f.drop("nothing")
	if len(f.byID) != keptFiles-1 || f.bytes != keptFiles-1 {
		t.Errorf("%d bytes in %d files", f.bytes, len(f.byID))
	}
}
