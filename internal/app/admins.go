package app

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"coffer/api"
	"coffer/internal/admins"
	"coffer/internal/config"
	"coffer/internal/discord"
	"coffer/internal/logging"
	"coffer/internal/passwords"
)

// adminCommand is about accounts of the dashboard.
type adminCommand struct {
	Create adminCreateCommand `cmd:"" help:"Make an owner of the dashboard; asks for the password, or reads it from standard input."`
}

type adminCreateCommand struct {
	Name string `arg:"" help:"What the owner signs in with."`
}

// Run makes the account, in the store of the environment.
func (a adminCreateCommand) Run(ctx context.Context, c console) (err error) {
	name, err := admins.UserName(a.Name)
	if err != nil {
		return errors.New(admins.ErrUserName.Detail)
	}
	cfg, err := config.Read(".env", "STORE", "SUPABASE_URL", "SUPABASE_KEY", "SQLITE_PATH")
	if err != nil {
		return err
	}
	password, err := askPassword(c, os.Stdin)
	if err != nil {
		return err
	}
	store, err := openStore(ctx, cfg, logging.New(c.err, slog.LevelWarn, "text"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(store)) }()
	hash, err := passwords.New().Hash(ctx, password)
	if err != nil {
		return err
	}
	creation, err := admins.NewAccount(name, hash, admins.Owner, nil, time.Now())
	if err != nil {
		return err
	}
	switch _, _, err := store.CreateAccount(ctx, creation); {
	case errors.Is(err, admins.ErrNameTaken):
		return fmt.Errorf("there is an account called %s already; choose another name", name)
	case err != nil:
		return fmt.Errorf("cannot make the account: %w", cause(err))
	}
	c.printf("%s is an owner of the dashboard now.\n", name)
	return nil
}

// askPassword reads a new password: from a terminal twice and unseen, from anything
// else its first line.
func askPassword(c console, in *os.File) (string, error) {
	var password string
	if fd := int(in.Fd()); term.IsTerminal(fd) {
		ask := func(what string) (string, error) {
			_, _ = fmt.Fprint(c.err, what)
			typed, err := term.ReadPassword(fd)
			_, _ = fmt.Fprintln(c.err)
			return string(typed), err
		}
		first, err := ask("Password (12 characters or more): ")
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		again, err := ask("The same again: ")
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		if first != again {
			return "", errors.New("the two are not the same; nothing was changed")
		}
		password = first
	} else {
		line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the password: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
	}
	if err := admins.CheckPassword(password); err != nil {
		return "", errors.New(admins.ErrPassword.Detail)
	}
	return password, nil
}

// firstOwner makes the account that the environment names, while there is none.
func firstOwner(ctx context.Context, cfg config.Config, store admins.Store, log *slog.Logger) error {
	if cfg.AdminUsername == "" {
		return nil
	}
	creation, err := admins.NewAccount(cfg.AdminUsername, "", admins.Owner, nil, time.Now())
	if err != nil {
		return fmt.Errorf("ADMIN_USERNAME: %w", err)
	}
	// Hashing takes time and memory on purpose, so it is left where the first accounts
	// show already that nothing will be made.
	known, err := store.Accounts(ctx, false, 0, 10)
	if err != nil {
		return fmt.Errorf("cannot make the first owner: %w", cause(err))
	}
	if slices.ContainsFunc(known, func(a admins.Account) bool { return a.Kind == admins.ByPassword }) {
		return nil
	}
	if creation.PasswordHash, err = passwords.New().Hash(ctx, cfg.AdminPassword.Reveal()); err != nil {
		return err
	}
	created, err := store.CreateFirstOwner(ctx, creation)
	switch {
	case err != nil:
		return fmt.Errorf("cannot make the first owner: %w", cause(err))
	case created:
		log.Info("the dashboard has its first owner", slog.String("username", creation.Name))
	}
	return nil
}

// secrets are what signs sessions.
func secrets(cfg config.Config) []string {
	var list []string
	for _, s := range cfg.JWTSecretKeys {
		list = append(list, s.Reveal())
	}
	return list
}

// discordLogin is the way in with Discord, or nil where it is not set up.
func discordLogin(cfg config.Config, client *discord.Client) api.Discord {
	home := cmp.Or(cfg.DashboardURL, cfg.PublicURL)
	if cfg.DiscordClientSecret == "" || home == "" {
		return nil
	}
	return client.NewLogin(cfg.DiscordClientSecret.Reveal(), string(home)+callbackPath)
}

// callbackPath is where Discord sends people back to.
const callbackPath = "/api/auth/discord/callback"

func sameSite(s config.SameSite) http.SameSite {
	return map[config.SameSite]http.SameSite{"lax": http.SameSiteLaxMode, "none": http.SameSiteNoneMode}[s]
}
