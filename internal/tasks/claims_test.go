package tasks_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"coffer/internal/tasks"
)

// cat is a picture that is taken.
func cat(change func(*tasks.Image)) tasks.Image {
	i := tasks.Image{URL: "https://cdn.discordapp.com/attachments/1/2/cat.png?ex=6744a1c0&is=1&hm=ab", Name: "cat.png", Type: "image/png", Size: 1}
	change(&i)
	return i
}

func TestWorkThatIsTaken(t *testing.T) {
	for _, c := range []struct {
		text, want string
	}{
		{"", ""},
		{" \n\t ", ""},
		{" one ", "one"},
		{"one\r\n\ttwo\n", "one\n two"},
		{strings.Repeat("🪙", tasks.MaxProofText), strings.Repeat("🪙", tasks.MaxProofText)},
	} {
		got, err := tasks.NewWork(c.text, tasks.Image{})
		if err != nil || got != (tasks.Work{Text: c.want}) {
			t.Errorf("%.20q: %+v (%v)", c.text, got, err)
		}
	}
	for _, c := range []struct {
		change  func(*tasks.Image)
		expires time.Time
		kind    string
	}{
		{func(*tasks.Image) {}, time.Date(2024, 11, 25, 16, 11, 44, 0, time.UTC), "image/png"},
		{func(i *tasks.Image) { i.URL = "https://media.discordapp.net/a.png" }, time.Time{}, "image/png"},
		{func(i *tasks.Image) { i.URL = "https://cdn.discordapp.com/a.png?ex=nothing" }, time.Time{}, "image/png"},
		{func(i *tasks.Image) { i.URL = "https://cdn.discordapp.com/a.png?ex=-5" }, time.Time{}, "image/png"},
		{func(i *tasks.Image) { i.URL = "https://cdn.discordapp.com/a.png?ex=7fffffffffffffff" }, time.Time{}, "image/png"},
		{func(i *tasks.Image) { i.URL, i.Expires = "https://cdn.discordapp.com/a.png", noon }, time.Time{}, "image/png"},
		{func(i *tasks.Image) { i.URL, i.Type = "https://cdn.discordapp.com/a", "image/jpeg; charset=x" }, time.Time{}, "image/jpeg"},
		{func(i *tasks.Image) { i.URL, i.Type = "https://cdn.discordapp.com/a", "image/gif" }, time.Time{}, "image/gif"},
		{func(i *tasks.Image) {
			i.URL, i.Type, i.Size = "https://cdn.discordapp.com/a", "image/webp", tasks.MaxImage
		}, time.Time{}, "image/webp"},
	} {
		image := cat(c.change)
		got, err := tasks.NewWork("look", image)
		image.Type, image.Expires = c.kind, c.expires
		if err != nil || got != (tasks.Work{Text: "look", Image: image}) {
			t.Errorf("%+v: %+v (%v)", image, got, err)
		}
	}
	odd := cat(func(i *tasks.Image) { i.Name = "two\nlines" + strings.Repeat("x", 200) })
	if got, err := tasks.NewWork("", odd); err != nil || !strings.HasPrefix(got.Image.Name, "two\uFFFDlines") || len(got.Image.Name) > 110 {
		t.Errorf("an odd name: %q (%v)", got.Image.Name, err)
	}
}

func TestWorkThatIsNotTaken(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", tasks.MaxProofText+1), "zero\x00", "no\xfftext", "bell\a"} {
		if got, err := tasks.NewWork(text, tasks.Image{}); !errors.Is(err, tasks.ErrWork) || got != (tasks.Work{}) {
			t.Errorf("%.20q: %+v (%v), want it to be refused", text, got, err)
		}
	}
	for _, change := range []func(*tasks.Image){
		func(i *tasks.Image) { i.URL = "" },
		func(i *tasks.Image) { i.URL = "http://cdn.discordapp.com/a.png" },
		func(i *tasks.Image) { i.URL = "https://example.org/a.png" },
		func(i *tasks.Image) { i.URL = "https://cdn.discordapp.com.example.org/a.png" },
		func(i *tasks.Image) { i.URL = "https://cdn.discordapp.com:8080/a.png" },
		func(i *tasks.Image) { i.URL = "https://user@cdn.discordapp.com/a.png" },
		func(i *tasks.Image) { i.URL = "https://169.254.169.254/?cdn.discordapp.com" },
		func(i *tasks.Image) { i.URL = "//cdn.discordapp.com/a.png" },
		func(i *tasks.Image) { i.URL = "javascript:alert(1)" },
		func(i *tasks.Image) { i.URL = "https://cdn.discordapp.com/%zz" },
		func(i *tasks.Image) { i.URL = "https://cdn.discordapp.com/\u0085" },
		func(i *tasks.Image) { i.URL = "https://cdn.discordapp.com/" + strings.Repeat("a", 1000) },
		func(i *tasks.Image) { i.Type = "" },
		func(i *tasks.Image) { i.Type = "image/svg+xml" },
		func(i *tasks.Image) { i.Type = "text/html" },
		func(i *tasks.Image) { i.Size = 0 },
		func(i *tasks.Image) { i.Size = -1 },
		func(i *tasks.Image) { i.Size = tasks.MaxImage + 1 },
	} {
		image := cat(change)
		if got, err := tasks.NewWork("", image); !errors.Is(err, tasks.ErrWork) || got != (tasks.Work{}) {
			t.Errorf("%+v: %+v (%v), want it to be refused", image, got, err)
		}
	}
}

func TestProofs(t *testing.T) {
	nothing, text, picture := tasks.Work{}, tasks.Work{Text: "done"}, tasks.Work{Image: cat(func(*tasks.Image) {})}
	both := tasks.Work{Text: "look", Image: picture.Image}
	link := func(s string) tasks.Work { return tasks.Work{Text: s} }
	for _, c := range []struct {
		work tasks.Work
		is   []tasks.Proof
	}{
		{nothing, []tasks.Proof{tasks.ProofNone}},
		{text, []tasks.Proof{tasks.ProofText}},
		{picture, []tasks.Proof{tasks.ProofImage}},
		{both, []tasks.Proof{tasks.ProofImage}},
		{link("https://example.org"), []tasks.Proof{tasks.ProofText, tasks.ProofLink}},
		{link("http://example.org/a?b=c#d"), []tasks.Proof{tasks.ProofText, tasks.ProofLink}},
		{link("https://例え.jp/é"), []tasks.Proof{tasks.ProofText, tasks.ProofLink}},
		{link("HTTPS://EXAMPLE.ORG"), []tasks.Proof{tasks.ProofText, tasks.ProofLink}},
		{link("example.org"), []tasks.Proof{tasks.ProofText}},
		{link("ftp://example.org"), []tasks.Proof{tasks.ProofText}},
		{link("javascript:alert(1)"), []tasks.Proof{tasks.ProofText}},
		{link("https://user:pw@example.org"), []tasks.Proof{tasks.ProofText}},
		{link("https://example.org/a b"), []tasks.Proof{tasks.ProofText}},
		{link("https://example.org/<a>"), []tasks.Proof{tasks.ProofText}},
		{link("https://example.org/\nhttps://example.org/"), []tasks.Proof{tasks.ProofText}},
		{link("https:///path"), []tasks.Proof{tasks.ProofText}},
		{link("https://example.org/" + strings.Repeat("x", tasks.MaxLink)), []tasks.Proof{tasks.ProofText}},
	} {
		var got []tasks.Proof
		for _, p := range append(tasks.Proofs, "blood") {
			if c.work.Proves(p) {
				got = append(got, p)
			}
		}
		if strings.Join(texts(got), " ") != strings.Join(texts(c.is), " ") {
			t.Errorf("%+v proves %v, want %v", c.work, got, c.is)
		}
	}
}

func texts(list []tasks.Proof) (all []string) {
	for _, p := range list {
		all = append(all, string(p))
	}
	return all
}

func TestClaimStates(t *testing.T) {
	for _, c := range []struct {
		state                        tasks.ClaimState
		runs, holds, counts, handsIn bool
	}{
		{tasks.Claimed, true, true, false, true},
		{tasks.Submitted, true, true, false, false},
		{tasks.Rejected, true, true, false, true},
		{tasks.Failed, false, false, true, false},
		{tasks.Approved, false, true, true, false},
		{tasks.Dropped, false, false, false, false},
		{tasks.Expired, false, false, false, false},
		{"", false, false, false, false},
	} {
		if c.state.Runs() != c.runs || c.state.HoldsPlace() != c.holds || c.state.Counts() != c.counts || c.state.CanSubmit() != c.handsIn {
			t.Errorf("%q: runs %t, holds a place %t, counts %t, can be handed in %t", c.state, c.state.Runs(), c.state.HoldsPlace(),
				c.state.Counts(), c.state.CanSubmit())
		}
	}
}
