package terminal

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// figures are those of a status.
func figures() []slog.Attr { return []slog.Attr{slog.Float64("decode_seconds", 0)} }

// TestConsole: on a terminal the status is one line, cut to the width, that others do not run into;
// elsewhere every line stays.
func TestConsole(t *testing.T) {
	say := func(c *Console) {
		c.Status([]byte("a long status"), figures)
		c.Status([]byte("short"), figures)
		c.Log(slog.LevelWarn, "fault 1", slog.Int("n", 1))
		c.Status([]byte("again"), figures)
		c.End()
		c.End()
	}
	var out bytes.Buffer
	say(&Console{name: "vae-edge", out: &out, width: func() int { return 11 }})
	if want := "\ra long sta\rshort     \nvae-edge: fault 1\n\ragain\n"; out.String() != want {
		t.Errorf("a terminal gets %q, want %q", &out, want)
	}
	out.Reset()
	say(&Console{name: "vae-edge", out: &out})
	if want := "a long status\nshort\nvae-edge: fault 1\nagain\n"; out.String() != want {
		t.Errorf("a pipe gets %q, want %q", &out, want)
	}
}

// TestLogFormats: the same events as sentences, as key=value and as JSON.
func TestLogFormats(t *testing.T) {
	for format, want := range map[LogFormat]string{
		LogText: `level=WARN msg="a \x1b[2Jfault" n=1 file="\u202egnp.é\U000e0001"`,
		LogJSON: `"level":"WARN","msg":"a \u001b[2Jfault","n":1,"file":"\u202egnp.é\udb40\udc01"}`,
	} {
		var out bytes.Buffer
		c := &Console{name: "vae-edge", out: &out, logger: newLogger(&out, format)}
		c.Log(slog.LevelWarn, "a \x1b[2Jfault", slog.Int("n", 1), slog.String("file", "\u202egnp.é\U000e0001"))
		c.Status([]byte("1.0 fps"), figures)
		if got := out.String(); !strings.Contains(got, want) || !strings.Contains(got, "decode_seconds") || strings.Count(got, "\n") != 2 {
			t.Errorf("%d: %q", format, got)
		}
	}
	var out bytes.Buffer
	(&Console{name: "vae-edge", out: &out}).Log(slog.LevelWarn, "a \x1b[2Jfault", slog.Int("n", 1))
	if got := out.String(); got != "vae-edge: a \\x1b[2Jfault\n" {
		t.Errorf("%q", got)
	}
}
