package console

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// Progress is told now and then, with the time that is left, and not where there is none to wait
// for.
func TestProgress(t *testing.T) {
	var stderr strings.Builder
	c := New("x", nil, &stderr)
	c.Progress("working", 10)(3)
	if stderr.Len() > 0 {
		t.Errorf("told at once: %q", stderr.String())
	}
	tell := c.progressSince(time.Now().Add(-time.Minute), "working", 4000)
	tell(1000)
	tell(1001)
	tell(4000)
	if got, want := stderr.String(), "working: 3m0s left, 1,000 of 4,000\n"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

// A line with a bar has no more columns than there are, and a bar only where there is room.
func TestBar(t *testing.T) {
	for _, c := range []struct {
		width, done, all int
		want             string
	}{
		{13, 1, 2, "text  ███░░░░"}, {10, 3, 4, "text  ███░"}, {9, 1, 2, "text"}, {3, 1, 2, "tex"}, {0, 1, 2, ""}, {-1, 0, 0, ""},
		{10, 9, 4, "text  ████"}, {10, 0, 0, "text  ░░░░"},
	} {
		got := withBar("text", c.width, c.done, c.all)
		if got != c.want || utf8.RuneCountInString(got) > max(c.width, 0) {
			t.Errorf("%d of %d in %d columns: %q, want %q", c.done, c.all, c.width, got, c.want)
		}
	}
}

// A warning may come from another goroutine than progress: that of an interrupt.
func TestWarnfBesideProgress(t *testing.T) {
	var stdout, stderr strings.Builder
	c := New("x", &stdout, &stderr)
	done := make(chan bool)
	go func() {
		c.Warnf("interrupted")
		close(done)
	}()
	s := c.Status()
	s.Show("text", 1, 2)
	s.End()
	<-done
	if got, want := stdout.String()+stderr.String(), "text, 1 of 2\nx: interrupted\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
