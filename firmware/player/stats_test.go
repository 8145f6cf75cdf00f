package player

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vae-edge/vae-edge/firmware/pipeline"
)

// TestMeasure checks the figures of a text.
func TestMeasure(t *testing.T) {
	m := measure{
		Stats:  pipeline.Stats{Elapsed: 2 * time.Second, Frames: 120, Bytes: 3_600_000, Wire: 1900 * time.Millisecond},
		decode: 120 * 250 * time.Microsecond,
	}
	for _, c := range []struct {
		change func()
		want   string
	}{
		{func() {}, "60.0 fps  30.0 kB/frame  wire 95%  decode 0.25 ms"},
		{func() { m.paced, m.Dropped, m.Failures = true, 7, 1 }, "60.0 fps  30.0 kB/frame  wire 95%  decode 0.25 ms  7 dropped  1 failed"},
		{func() { m.Bytes, m.Wire, m.Failures = 0, 0, 0 }, "60.0 fps  decode 0.25 ms  7 dropped"},
		{func() { m = measure{} }, "0.0 fps  decode 0.00 ms"},
	} {
		c.change()
		if got := string(m.append(nil)); got != c.want {
			t.Errorf("%+v: %q, want %q", m, got, c.want)
		}
	}
}

// TestStatsLines: a panel's figures come once a second, and in the end those of all.
func TestStatsLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, "--panel", "st7735-80x160", "--stats", "--fps", "20", "--frames", "70")
		g.module.WireTime = true
		if err := g.run(context.Background()); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(g.log.String()), "\n")
		var figures []string
		for _, l := range lines {
			if !strings.HasPrefix(l, "vae-edge: ") {
				figures = append(figures, l)
			}
		}
		// No time passes
		second := regexp.MustCompile(`^(19|20|21)\.\d fps  \d+\.\d kB/frame  wire [1-9]\d?%  decode 0\.00 ms  0 dropped$`)
		total := regexp.MustCompile(`^70 frames in 3\.\d\d s: 2\d\.\d fps  .* 0 dropped$`)
		if len(figures) != 4 || !second.MatchString(figures[0]) || !second.MatchString(figures[2]) || !total.MatchString(figures[3]) {
			t.Errorf("figures:\n%s", strings.Join(figures, "\n"))
		}
		if lines[0] != "vae-edge: the port takes 65536 bytes" {
			t.Errorf("first line: %s", lines[0])
		}
		g.checkEnd("stats")
	})
}

// TestMeasureAttributes: a program gets all figures, however many are nothing.
func TestMeasureAttributes(t *testing.T) {
	want := []string{"frames", "seconds", "fps", "bytes_per_frame", "wire_share", "decode_seconds", "dropped", "failures"}
	var got []string
	for _, a := range (measure{}).attrs() {
		got = append(got, a.Key)
	}
	if !slices.Equal(got, want) {
		t.Errorf("attributes %q, want %q", got, want)
	}
}
