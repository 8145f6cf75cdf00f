package plain

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"train", "tarin", 1}, {"walk", "wlak", 1}, {"eval", "evaluate", 4}, {"abc", "abd", 1}, {"abc", "bc", 1}, {"abcd", "dcba", 3}} {
		if got := distance(c.a, c.b); got != c.want || distance(c.b, c.a) != got {
			t.Errorf("%q and %q are %d apart, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{"Smlie": "smile", "gla": "glasses", "hats": "hat", "sm": "", "xyzzy": "", "": ""} {
		if got := Nearest(word, []string{"smile", "glasses", "hat"}); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
}
