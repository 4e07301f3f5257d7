package discord

import (
	"context"
	"errors"
	"fmt"

	"github.com/bwmarrin/discordgo"
)

// Registrar reads and replaces the application's commands at Discord. It is
// safe for concurrent use.
type Registrar struct {
	session     *discordgo.Session
	application string
	token       string
}

// Registrar returns the registrar of the client's application. It shares the
// client's transport, and so its limits.
func (c *Client) Registrar() *Registrar {
	session, _ := discordgo.New("Bot " + c.cfg.Token) // has no failure
	session.Client = c.http
	session.StateEnabled = false
	session.ShouldRetryOnRateLimit = false // the transport waits, within the context
	session.MaxRestRetries = 0             // and retries
	return &Registrar{session: session, application: c.cfg.ApplicationID, token: c.cfg.Token}
}

// Commands returns the registered commands with their translations: those of
// one guild, or with "" the global ones. Its error is *Error.
func (r *Registrar) Commands(ctx context.Context, guild string) ([]*discordgo.ApplicationCommand, error) {
	have, err := r.session.ApplicationCommands(r.application, guild, discordgo.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("list commands: %w", r.failure(err))
	}
	return have, nil
}

// Overwrite replaces all commands of a guild, or with "" the global ones.
// Discord allows 200 creations a day and guild, so ask Changed first, or call
// Sync. Its error is *Error.
func (r *Registrar) Overwrite(ctx context.Context, guild string, defs []*discordgo.ApplicationCommand) error {
	if defs == nil {
		defs = []*discordgo.ApplicationCommand{} // null is not a list
	}
	if _, err := r.session.ApplicationCommandBulkOverwrite(r.application, guild, defs, discordgo.WithContext(ctx)); err != nil {
		return fmt.Errorf("register commands: %w", r.failure(err))
	}
	return nil
}

// Sync overwrites the commands if they differ from defs, and reports whether
// they did.
func (r *Registrar) Sync(ctx context.Context, guild string, defs []*discordgo.ApplicationCommand) (changed bool, err error) {
	have, err := r.Commands(ctx, guild)
	if err != nil || !Changed(defs, have) {
		return false, err
	}
	return true, r.Overwrite(ctx, guild, defs)
}

func (r *Registrar) failure(err error) error {
	if errors.Is(err, discordgo.ErrJSONUnmarshal) {
		return &Error{Status: 200, Message: "the answer is not what it should be"} // the library quotes it
	}
	return failure(err, r.token)
}
