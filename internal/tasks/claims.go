package tasks

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"coffer/internal/economy"
)

// ClaimState is where a claim stands.
type ClaimState string

// The states. A claim is handed in from Claimed or Rejected, and dropped from there;
// it takes a place of its task until it is Failed, Dropped or Expired.
const (
	Claimed   ClaimState = "claimed"
	Submitted ClaimState = "submitted" // waits for its review
	Rejected  ClaimState = "rejected"  // may be handed in again
	Failed    ClaimState = "failed"    // rejected for the last time
	Approved  ClaimState = "approved"
	Dropped   ClaimState = "dropped" // by the member
	Expired   ClaimState = "expired" // not handed in in time
)

// Runs reports whether a claim in this state is not at its end.
func (s ClaimState) Runs() bool { return s == Claimed || s == Submitted || s == Rejected }

// HoldsPlace reports whether a claim in this state takes a place of its task.
func (s ClaimState) HoldsPlace() bool { return s.Runs() || s == Approved }

// Counts reports whether a claim in this state uses up its period.
func (s ClaimState) Counts() bool { return s == Approved || s == Failed }

// CanSubmit reports whether work can be handed in for a claim in this state.
func (s ClaimState) CanSubmit() bool { return s == Claimed || s == Rejected }

// Claim is a member's word that he does a task, as he sees it.
type Claim struct {
	ID      ClaimID        `json:"id"`
	Task    TaskID         `json:"task"`
	Title   string         `json:"title"` // of the task, now
	Proof   Proof          `json:"proof"` // that the task asks for, now
	State   ClaimState     `json:"state"`
	Reward  economy.Amount `json:"reward"` // that was promised
	Tries   int            `json:"tries"`  // how often it was handed in, with those of its period that he gave up before
	Left    int            `json:"left"`   // how often it may still be handed in, by the task's terms now; 0 unless CanSubmit
	Claimed time.Time      `json:"claimed"`
	Due     time.Time      `json:"due,omitzero"` // to be handed in before, if that is not over: the earlier of its own end and the deadline; zero: never, or not CanSubmit
	Reason  string         `json:"reason"`       // of its last rejection; empty: none, or none was given
	Paid    economy.Amount `json:"paid"`         // with Approved
}

// Ref names a task: by its number, or if that is 0 by its whole title among those not
// archived, as economy.Fold has it.
type Ref struct {
	ID    TaskID `json:"id"`
	Title string `json:"title"`
}

// Work is what a member hands in.
type Work struct {
	Text  string `json:"text"`  // a text or a link; empty: none
	Image Image  `json:"image"` // zero: none
}

// Image is a picture on Discord's hosts.
type Image struct {
	URL     string    `json:"url"`
	Name    string    `json:"name"`
	Type    string    `json:"type"`             // "image/png"
	Size    int64     `json:"size"`             // bytes
	Expires time.Time `json:"expires,omitzero"` // when Discord stops serving the address; zero: unknown
}

// ImageTypes are the media types of pictures that are taken.
var ImageTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// imageHosts are the only hosts that pictures are taken from.
var imageHosts = []string{"cdn.discordapp.com", "media.discordapp.net"}

// NewWork checks what is handed in. The address of an image is one of Discord's, as
// an interaction resolves it; when it expires is read from it. Errors: ErrWork.
func NewWork(text string, image Image) (Work, error) {
	text = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\t", " ").Replace(text))
	if !economy.IsText(text, 0, MaxProofText) {
		return Work{}, ErrWork
	}
	if image == (Image{}) {
		return Work{Text: text}, nil
	}
	expires, ok := ReadAddress(image.URL)
	kind, _, _ := strings.Cut(image.Type, ";")
	if !ok || !slices.Contains(ImageTypes, kind) || image.Size < 1 || image.Size > MaxImage {
		return Work{}, ErrWork
	}
	image.Type, image.Name, image.Expires = kind, economy.CleanName(image.Name), expires
	return Work{Text: text, Image: image}, nil
}

// ReadAddress reports whether an address is one of a file at Discord's hosts, and when
// Discord stops serving it (zero: unknown).
func ReadAddress(address string) (expires time.Time, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || !slices.Contains(imageHosts, u.Host) || len(address) > 1000 || !economy.IsLine(address, 1, 1000) {
		return time.Time{}, false
	}
	if ex, err := strconv.ParseInt(u.Query().Get("ex"), 16, 64); err == nil && 0 < ex && ex < lastEnd.Unix() {
		expires = time.Unix(ex, 0).UTC()
	}
	return expires, true
}

// Proves reports whether the work is proof of the given kind. A picture may come with
// a text; nothing else may come with what was not asked for.
func (w Work) Proves(p Proof) bool {
	if w.Image != (Image{}) {
		return p == ProofImage
	}
	switch p {
	case ProofNone:
		return w.Text == ""
	case ProofText:
		return w.Text != ""
	case ProofLink:
		return isLink(w.Text)
	default:
		return false
	}
}

// SubmissionState is where a submission stands.
type SubmissionState string

// The states.
const (
	Waiting  SubmissionState = "waiting"
	Accepted SubmissionState = "accepted"
	Refused  SubmissionState = "refused"
)

// Submission is work that was handed in, and what became of it. Each attempt is a
// submission of its own.
type Submission struct {
	ID       SubmissionID    `json:"id"`
	Claim    ClaimID         `json:"claim"`
	Task     TaskID          `json:"task"`
	Title    string          `json:"title"` // of the task, now
	Proof    Proof           `json:"proof"` // that was asked for then
	Member   economy.UserID  `json:"member"`
	Name     string          `json:"name"` // the member's
	Work     Work            `json:"work"`
	Reward   economy.Amount  `json:"reward"` // that was promised
	Try      int             `json:"try"`    // from 1; see Claim.Tries
	At       time.Time       `json:"at"`
	State    SubmissionState `json:"state"`
	Reviewer economy.Actor   `json:"reviewer,omitzero"` // zero: not reviewed, or not by a person
	Percent  int             `json:"percent"`           // of the reward, with Accepted
	Paid     economy.Amount  `json:"paid"`              // with Accepted
	Reason   string          `json:"reason"`            // with Refused
	Last     bool            `json:"last"`              // with Refused: the claim has failed
	Reviewed time.Time       `json:"reviewed,omitzero"`
}

// TaskCard is what a message about a task shows (outbox.NoticeTask).
type TaskCard struct {
	Task     Task             `json:"task"`
	Left     int              `json:"left"` // places, where they are limited
	Currency economy.Currency `json:"currency"`
}

// ReviewCard is what a message about a submission shows (outbox.NoticeSubmission).
type ReviewCard struct {
	Submission Submission       `json:"submission"`
	Currency   economy.Currency `json:"currency"`
}

// ReviewNotice tells a member what became of his work (outbox.NoticeReviewed).
type ReviewNotice struct {
	Task     TaskID           `json:"task"`
	Title    string           `json:"title"`
	State    ClaimState       `json:"state"` // Approved, Rejected or Failed
	Percent  int              `json:"percent"`
	Paid     economy.Amount   `json:"paid"`
	Reason   string           `json:"reason"`
	Left     int              `json:"left"`         // tries, with Rejected; see Claim.Left
	Due      time.Time        `json:"due,omitzero"` // with Rejected; see Claim.Due
	Currency economy.Currency `json:"currency"`
}
