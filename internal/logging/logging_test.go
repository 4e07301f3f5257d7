package logging_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"coffer/internal/logging"
)

func TestJSONIsWhatCollectorsRead(t *testing.T) {
	for level, want := range map[slog.Level]string{
		slog.LevelDebug: "debug", slog.LevelInfo: "info", slog.LevelWarn: "warn", slog.LevelError: "error",
	} {
		var out bytes.Buffer
		logging.New(&out, slog.LevelDebug, "json").WithGroup("g").Log(t.Context(), level, "hello", "level", "inner")
		var line struct {
			Level, Msg, Time string
			G                map[string]string
		}
		if err := json.Unmarshal(out.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339Nano, line.Time)
		if err != nil || at.Location() != time.UTC || !strings.HasSuffix(line.Time, "Z") {
			t.Errorf("time = %q, want UTC: %v", line.Time, err)
		}
		if line.Level != want || line.Msg != "hello" || line.G["level"] != "inner" {
			t.Errorf("line = %+v, want level %q", line, want)
		}
	}
}

func TestLevelFilters(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		var out bytes.Buffer
		log := logging.New(&out, slog.LevelWarn, format)
		log.Info("quiet")
		log.Warn("loud", "key", "value")
		if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, "loud") {
			t.Errorf("%s: got %q", format, got)
		}
	}
}

func TestTextToAFileHasNoColours(t *testing.T) {
	var out bytes.Buffer
	logging.New(&out, slog.LevelInfo, "text").Error("loud", "key", "value")
	if got := out.String(); strings.Contains(got, "\x1b") || !strings.Contains(got, "key=value") {
		t.Errorf("got %q", got)
	}
}
