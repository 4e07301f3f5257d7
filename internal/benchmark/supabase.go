package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"coffer/internal/economy"
	"coffer/internal/postgrest"
	"coffer/internal/supabasetest"
)

// startSupabase starts a Supabase whose commits wait for the disk, with a guild of so
// many members.
func startSupabase(ctx context.Context, members int) (_ *supabasetest.Project, err error) {
	project, err := supabasetest.Start(ctx, func(ctx context.Context, databaseURL string) error {
		_, err := postgrest.Migrate(ctx, databaseURL)
		return err
	}, supabasetest.Durable())
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, project.Close())
		}
	}()
	store, err := postgrest.Open(project.URL(), project.Key())
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	people := make([]economy.Person, members)
	for i := range people {
		people[i] = economy.Person{User: economy.UserID(strconv.Itoa(firstUser + i)), Name: "Member " + strconv.Itoa(i)}
	}
	if _, err := store.Meet(ctx, guildID, people, time.Now()); err != nil {
		return nil, err
	}
	return project, sell(ctx, store)
}
