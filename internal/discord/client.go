// Package discord is the REST client: replies to interactions by their token, roles
// and messages by the bot's, files of Discord's own hosts, and the registration of
// commands. All calls share one transport, which keeps Discord's limits, retries what
// is safe, and turns failures into *Error.
package discord

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config is what a Client needs. Only ApplicationID and, for registration,
// Token have no default.
type Config struct {
	BaseURL       string // scheme and host of the API; default https://discord.com
	Token         string // the bot's token, without "Bot "
	ApplicationID string
	Homepage      string // of the bot, for the user agent; default the library's
	Version       string // the program's, for the user agent; default "dev"
	Log           *slog.Logger

	Timeout   time.Duration     // of one attempt; default 5 s, and a second more for each MiB of files
	Backoff   time.Duration     // before the first retry, doubled for each further one; default 250 ms
	Transport http.RoundTripper // default: a pool of its own
}

// Client calls Discord. It is safe for concurrent use, starts no goroutines of
// its own and remembers nothing per interaction.
type Client struct {
	cfg     Config
	base    *url.URL // nil if it is not usable
	http    *http.Client
	directs directs
}

const defaultBaseURL = "https://discord.com"

// New returns a client. A BaseURL that is not scheme and host
// makes every call fail.
func New(cfg Config) *Client {
	if cfg.BaseURL == "" {
		cfg.BaseURL = defaultBaseURL
	}
	if cfg.Homepage == "" {
		cfg.Homepage = "https://github.com/bwmarrin/discordgo"
	}
	if cfg.Version == "" {
		cfg.Version = "dev"
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 5 * time.Second
	}
	if cfg.Backoff <= 0 {
		cfg.Backoff = 250 * time.Millisecond
	}
	if cfg.Transport == nil {
		pool := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // the standard library's own value
		pool.MaxIdleConnsPerHost = 64                           // all calls go to one host
		cfg.Transport = pool
	}
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Host == "" || strings.Trim(base.Path, "/") != "" {
		base = nil
	}
	c := &Client{cfg: cfg, base: base}
	c.http = &http.Client{Transport: c.transportTo(base, largestAnswer)}
	return c
}

// transportTo returns a transport to one host, with limits of its own.
func (c *Client) transportTo(base *url.URL, largest int64) *transport {
	return &transport{
		base:      base,
		userAgent: "DiscordBot (" + c.cfg.Homepage + ", " + c.cfg.Version + ")", // the form that Discord demands
		timeout:   c.cfg.Timeout,
		backoff:   c.cfg.Backoff,
		largest:   largest,
		log:       c.cfg.Log,
		next:      c.cfg.Transport,
	}
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// EditOriginal replaces the first reply to the interaction that token belongs
// to with the message body (JSON). Doing it twice is doing it once, so it is
// retried until ctx ends or attempts run out. Its error is *Error.
func (c *Client) EditOriginal(ctx context.Context, applicationID, token string, body []byte) error {
	path := "/webhooks/" + url.PathEscape(applicationID) + "/" + url.PathEscape(token) + "/messages/@original"
	if _, err := c.send(ctx, http.MethodPatch, path, token, nil, jsonContent(body)); err != nil {
		return fmt.Errorf("edit the original reply: %w", err)
	}
	return nil
}

// FollowUp sends the message body (JSON) as a further reply to the interaction
// that token belongs to. It is retried only when Discord surely did not act on
// it, so after an error of status 0 or 5xx the message may or may not be there.
// Its error is *Error.
func (c *Client) FollowUp(ctx context.Context, applicationID, token string, body []byte) error {
	path := "/webhooks/" + url.PathEscape(applicationID) + "/" + url.PathEscape(token)
	if _, err := c.send(ctx, http.MethodPost, path, token, nil, jsonContent(body)); err != nil {
		return fmt.Errorf("send a follow-up: %w", err)
	}
	return nil
}

// send makes a call and returns the body of its answer. The secret is kept out of the
// error.
func (c *Client) send(ctx context.Context, method, path, secret string, header http.Header, body content) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, defaultBaseURL+"/api/v10"+path, nil)
	if err != nil {
		return nil, failure(err, secret)
	}
	maps.Copy(req.Header, header)
	body.set(req)
	return do(c.http, req, secret)
}

// do makes a call and returns the body of its answer. The secrets are kept out of the
// error.
func do(client *http.Client, req *http.Request, secrets ...string) ([]byte, error) {
	res, err := client.Do(req)
	if err != nil {
		return nil, failure(err, secrets...)
	}
	defer res.Body.Close()
	if w, ok := res.Body.(whole); ok {
		return w.data, nil
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, failure(err, secrets...)
	}
	return answer, nil
}

// failure returns err as an *Error that names none of the secrets.
func failure(err error, secrets ...string) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{}
		var u *url.Error // its text has the address, and so the token
		if errors.As(err, &u) {
			err = u.Err
		}
		e.Message, e.cause = err.Error(), contextError(err)
	}
	return e.without(secrets...)
}
