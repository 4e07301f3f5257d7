package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"coffer/internal/problem"
	"coffer/internal/tasks"
)

// Pictures tells where pictures can be seen that Discord keeps.
type Pictures interface {
	// Picture returns the address of the first picture of a message of the bot's, as
	// Discord signs it anew each time; empty if there is none. Its error tells what
	// Discord answered, by a method Answer, as outbox's errors do.
	Picture(ctx context.Context, channel, message string) (string, error)
}

var (
	errNoPicture = problem.New(problem.NotFound, "no_picture",
		"No picture was handed in with that.")
	errPictureGone = problem.New(problem.NotFound, "picture_gone",
		"Discord does not serve that picture any more. Reject the work and ask for it again.")
	errDiscordSilent = problem.New(problem.Unavailable, "discord_silent",
		"Discord does not answer now. Try again soon.")
)

// proofJSON is where a picture can be seen.
type proofJSON struct {
	URL       string     `json:"url"`
	ExpiresAt *time.Time `json:"expires_at"`
}

// margin is how long an address must still be good to be worth telling.
const margin = time.Minute

// proof answers getProof. The message before the reviewers has a copy of the picture
// that lasts; where there is none, the address that the member's had is told as long
// as Discord serves it.
func (d submissionDesk) proof(w http.ResponseWriter, r *http.Request) error {
	sheet, err := d.named(r)
	if err != nil {
		return err
	}
	if sheet.Submission.Work.Image.URL == "" {
		return errNoPicture
	}
	address, trouble := d.copied(r.Context(), sheet.Card)
	for _, candidate := range []string{address, sheet.Submission.Work.Image.URL} {
		expires, ok := tasks.ReadAddress(candidate)
		if ok && (expires.IsZero() || expires.After(d.now().Add(margin))) {
			write(w, http.StatusOK, proofJSON{candidate, timeOrNull(expires)})
			return nil
		}
	}
	if trouble != nil {
		return trouble
	}
	return errPictureGone
}

// copied returns the address of the picture that was attached to a submission's
// message; empty if there is none, or no such message any more.
// Errors: discord_silent, where it is not known whether there is.
func (d submissionDesk) copied(ctx context.Context, at tasks.CardPlace) (string, error) {
	if at.Message == "" {
		return "", nil
	}
	address, err := d.pictures.Picture(ctx, string(at.Channel), at.Message)
	var refused interface {
		error
		Answer() (status, code int, retryAfter time.Duration, global bool)
	}
	if errors.As(err, &refused) {
		if status, _, _, _ := refused.Answer(); status == http.StatusNotFound || status == http.StatusForbidden {
			return "", nil
		}
	}
	if err != nil {
		return "", errDiscordSilent.Because(err)
	}
	return address, nil
}
