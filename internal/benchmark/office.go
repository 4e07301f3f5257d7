package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	ownersName     = "owner"
	ownersPassword = "a password for benchmarks"
	readers        = 20 // programs that read; each may call 600 times a minute
)

// office measures what the dashboard reads, at a fixed rate and beside as many claims,
// from when each was due.
func office(ctx context.Context, s *server, members, rate int) error {
	tokens, err := admit(ctx, s)
	if err != nil {
		return err
	}
	guild := "/api/guilds/" + guildID
	var found struct{ Data []struct{ ID string } }
	if err := call(ctx, s, tokens[0], http.MethodGet, guild+"/members?search="+strconv.Itoa(firstUser+members/2), nil, &found); err != nil {
		return err
	}
	for _, read := range []struct{ name, path string }{
		{"members, richest first", guild + "/members?sort=-balance"},
		{"members by name", guild + "/members?search=member%2012"},
		{"one member", guild + "/members/" + found.Data[0].ID},
		{"transactions", guild + "/transactions"},
		{"stats of 30 days", guild + "/stats"},
		{"trail", guild + "/trail"},
	} {
		turn := 0
		writing := make(chan error, 1)
		go func() {
			_, err := paced(ctx, s, signed(s.address, dailyWorkload(members)), rate, 5*time.Second)
			writing <- err
		}()
		got, err := paced(ctx, s, func() []byte {
			turn++
			return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", read.path, s.address, tokens[turn%readers])
		}, rate, 5*time.Second)
		if err != nil {
			return fmt.Errorf("%s: %w", read.name, err)
		}
		if err := <-writing; err != nil {
			return err
		}
		fmt.Printf("%-22s %d a second beside as many /daily: p50 %.2f ms, p99 %.2f ms\n", read.name, rate, got.percentile(50), got.percentile(99))
	}
	return nil
}

// admit signs the owner in and has tokens made for the readers.
func admit(ctx context.Context, s *server) (tokens []string, err error) {
	var session struct {
		Token string `json:"access_token"`
	}
	if err := call(ctx, s, "", http.MethodPost, "/api/auth/login", map[string]any{"username": ownersName, "password": ownersPassword}, &session); err != nil {
		return nil, err
	}
	for n := range readers {
		var made struct{ Token string }
		err := call(ctx, s, session.Token, http.MethodPost, "/api/tokens", map[string]any{"name": fmt.Sprint("reader ", n), "role": "viewer",
			"guilds": []string{guildID}, "expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}, &made)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, made.Token)
	}
	return tokens, nil
}

// call calls the admin API.
func call(ctx context.Context, s *server, token, method, path string, body, answer any) error {
	var b []byte
	if body != nil {
		b = encode(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.address+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", nextID())
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, res.Status, text)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, answer)
}
