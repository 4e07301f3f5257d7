package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"

	"coffer/api"
	"coffer/interactions"
	"coffer/internal/config"
	"coffer/internal/discord"
	"coffer/internal/doctor"
	"coffer/internal/postgrest"
	"coffer/internal/requestlog"
	"coffer/internal/sqlite"
	"coffer/internal/supabase"
)

type doctorCommand struct {
	JSON bool `name:"json" help:"Tell it for programs."`
}

// Run looks at everything and fails if anything that production needs is wrong.
func (d doctorCommand) Run(ctx context.Context, c console) error {
	report, err := examine(ctx, nil)
	if err != nil {
		return err
	}
	return d.tell(c, report)
}

func (d doctorCommand) tell(c console, report doctor.Report) error {
	write := report.WriteText
	if d.JSON {
		write = report.WriteJSON
	}
	if err := write(c.out); err != nil {
		return err
	}
	if report.Count(doctor.Fail) > 0 {
		return errSilent
	}
	return nil
}

// examine looks at what the environment describes; transport carries all requests but
// those to Discord and the store, and may be nil.
func examine(ctx context.Context, transport http.RoundTripper) (doctor.Report, error) {
	cfg, problems, err := readWhatIsRight(".env")
	if err != nil {
		return doctor.Report{}, err
	}
	client := newDiscord(cfg, slog.New(slog.DiscardHandler))
	defer client.Close()
	deployment := map[string]string{}
	for _, name := range []string{"railway.toml", ".railway/railway.ts"} {
		if text, err := os.ReadFile(name); err == nil { //nolint:gosec // one of these two
			deployment[name] = string(text)
		} else if !errors.Is(err, os.ErrNotExist) {
			return doctor.Report{}, err
		}
	}
	subject := doctor.Config{
		Version: version(), Problems: problems, Secrets: secretsOf(cfg),
		Supabase: cfg.Store != config.SQLite, SupabaseAPI: supabase.REST(string(cfg.SupabaseURL)), File: cfg.SQLitePath,
		Open:    func(ctx context.Context) (doctor.Store, bool, error) { return openUnchanged(ctx, cfg) },
		Railway: os.Getenv("RAILWAY_PROJECT_ID") != "", Volume: os.Getenv("RAILWAY_VOLUME_MOUNT_PATH"),
		Discord: registration{client}, DiscordAPI: string(cfg.DiscordAPIURL), Homepage: string(cfg.PublicURL),
		ApplicationID: string(cfg.DiscordClientID), PublicKey: cfg.DiscordPublicKey,
		Login: cfg.DiscordClientSecret != "", Gateway: bool(cfg.Gateway),
		PublicURL: string(cfg.PublicURL), DashboardURL: string(cfg.DashboardURL),
		InteractionsPath: interactionsPath, HealthPath: requestlog.HealthPath, CallbackPath: callbackPath,
		Elsewhere:   sameSite(cfg.CookieSameSite) == http.SameSiteNoneMode,
		ProxySecret: cfg.ProxySecret != "",
		Headers:     api.SecurityHeaders(), Deployment: deployment, Transport: transport,
	}
	for _, o := range cfg.CORSOrigins {
		subject.CORSOrigins = append(subject.CORSOrigins, string(o))
	}
	return doctor.Run(ctx, subject), nil
}

// registration compares what Discord has of the application with this program.
type registration struct{ *discord.Client }

// CommandsCurrent implements doctor.Discord.
func (r registration) CommandsCurrent(ctx context.Context) (bool, error) {
	have, err := r.Registrar().Commands(ctx, "")
	return err == nil && !discord.Changed(interactions.Definitions(), have), err
}

// readWhatIsRight reads the environment as far as it can be used, and lists the rest.
// A variable that is wrong has its default, or nothing.
func readWhatIsRight(dotenv string) (cfg config.Config, problems []doctor.Problem, err error) {
	var right []string
	for _, v := range config.Variables() {
		right = append(right, v.Name)
	}
	for {
		var invalid *config.Invalid
		if cfg, err = config.Read(dotenv, right...); !errors.As(err, &invalid) {
			return cfg, problems, err
		}
		for _, p := range invalid.Problems {
			problems = append(problems, doctor.Problem(p))
			if p.Variable == dotenv {
				dotenv = "" // nothing of the file can be used
			}
			right = slices.DeleteFunc(right, func(name string) bool {
				return name == p.Variable || p.Variable == "STORE" && strings.HasPrefix(name, "SUPABASE_") // nobody knows if they are needed
			})
		}
	}
}

// secretsOf lists what the environment has of secrets.
func secretsOf(cfg config.Config) []doctor.Secret {
	list := []doctor.Secret{
		{Variable: "DISCORD_TOKEN", Value: cfg.DiscordToken.Reveal()},
		{Variable: "DISCORD_CLIENT_SECRET", Value: cfg.DiscordClientSecret.Reveal()},
		{Variable: "SUPABASE_KEY", Value: cfg.SupabaseKey.Reveal()},
		{Variable: "SUPABASE_DB_URL", Value: cfg.SupabaseDB.Reveal()},
		{Variable: "ADMIN_PASSWORD", Value: cfg.AdminPassword.Reveal(), Chosen: true},
		{Variable: "METRICS_TOKEN", Value: cfg.MetricsToken.Reveal(), Chosen: true},
		{Variable: "PROXY_SECRET", Value: cfg.ProxySecret.Reveal(), Chosen: true},
	}
	for _, key := range cfg.JWTSecretKeys {
		list = append(list, doctor.Secret{Variable: "JWT_SECRET_KEY", Value: key.Reveal(), Chosen: true})
	}
	return slices.DeleteFunc(list, func(s doctor.Secret) bool { return s.Value == "" })
}

// openUnchanged opens the store of the environment to look at it: nothing is migrated,
// made or written. newer says that it belongs to a newer program.
func openUnchanged(ctx context.Context, cfg config.Config) (store doctor.Store, newer bool, err error) {
	if cfg.Store == config.SQLite {
		file, err := openFileUnchanged(ctx, cfg.SQLitePath)
		if err != nil {
			return nil, false, err
		}
		return file, false, nil
	}
	project, err := postgrest.Open(string(cfg.SupabaseURL), cfg.SupabaseKey.Reveal())
	if err != nil {
		return nil, false, err
	}
	database, program, err := project.Schema(ctx)
	if err != nil {
		trouble := supabaseTrouble(cfg, err)
		switch {
		case errors.Is(err, postgrest.ErrKeyRefused):
			trouble = fmt.Errorf("%w: %w", doctor.ErrKey, trouble)
		case errors.Is(err, postgrest.ErrNotMigrated), errors.Is(err, postgrest.ErrSchema):
			trouble = fmt.Errorf("%w: %w", doctor.ErrSchema, trouble)
		}
		return nil, false, errors.Join(trouble, project.Close())
	}
	return project, database > program, nil
}

func openFileUnchanged(ctx context.Context, path string) (*sqlite.Store, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the operator's own choice
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("there is no %s yet: coffer serve makes it", path)
	case err != nil:
		return nil, fmt.Errorf("cannot open the database: %w; choose a place that can be written", err)
	}
	_ = file.Close()
	store, err := sqlite.OpenReadOnly(ctx, path)
	if errors.Is(err, sqlite.ErrSchema) {
		return nil, fmt.Errorf("%w: %w", doctor.ErrSchema, err)
	}
	return store, fileTrouble(path, err)
}
