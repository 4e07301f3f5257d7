package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// fileHosts are Discord's own hosts of files, and the only ones that are asked for any.
var fileHosts = []string{"cdn.discordapp.com", "media.discordapp.net"}

// localFiles is where a Discord that is not the real one serves what stands at the
// fileHosts.
const localFiles = "/cdn"

// Fetch returns a file from Discord's own hosts, at most the given number of bytes. The
// call carries nothing that is the bot's, follows no redirect, and keeps limits of its
// own: those hosts are not the API. Its error is *Error: of status 403 without any call
// for the address of another host, and 413 for a file that is larger. It does not name
// the address, whose query is a signature.
func (c *Client) Fetch(ctx context.Context, address string, most int64) ([]byte, error) {
	file, err := c.fetch(ctx, address, most)
	if err != nil {
		return nil, fmt.Errorf("fetch a file: %w", err)
	}
	return file, nil
}

func (c *Client) fetch(ctx context.Context, address string, most int64) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || !slices.Contains(fileHosts, u.Host) || u.User != nil || u.Path != path.Clean("/"+u.Path) {
		return nil, &Error{Status: http.StatusForbidden, Message: "that is no address of a file at Discord"}
	}
	base := &url.URL{Scheme: u.Scheme, Host: u.Host}
	if c.base == nil || c.base.Scheme+"://"+c.base.Host != defaultBaseURL {
		base = c.base
		u.Path, u.RawPath = localFiles+u.Path, localFiles+u.EscapedPath()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, failure(err, u.RawQuery)
	}
	req.Header.Set("Accept-Encoding", "identity") // its size is that of the file
	t := c.transportTo(base, most)
	t.timeout += transfer(most)
	file, err := do(&http.Client{Transport: t}, req, signature(u)...)
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusOK { // cut by the transport
		e.Status = http.StatusRequestEntityTooLarge
	}
	return file, err
}

// signature returns the parts of an address that are not for others' eyes.
func signature(u *url.URL) []string {
	secrets := []string{u.RawQuery, strings.TrimSuffix(u.RawQuery, "&")}
	if hm := u.Query().Get("hm"); len(hm) > 8 {
		secrets = append(secrets, hm)
	}
	return secrets
}
