package compare

import (
	"fmt"
	"testing"
)

// The sheet shows a model's own samples first, then those of the other distribution, all in int8.
func TestSheet(t *testing.T) {
	pixels := []byte{1, 2, 3, 4}
	c := &Comparison{shape: [3]int{2, 2, 1}, test: pixels, Spaces: []Space{{Model: "plain"}, {Model: "a/mixed"}}}
	for _, r := range []struct {
		of  string
		own bool
	}{
		{"training images", false},
		{"plain, prior, float32", false}, {"plain, prior", true}, {"plain, mixture of 16", false}, {"plain, test images again", false},
		{"a/mixed, prior", false}, {"a/mixed, mixture of 64, float32", false}, {"a/mixed, mixture of 64", true},
	} {
		c.Rows = append(c.Rows, Row{Of: r.of, Own: r.own, shown: pixels})
	}
	var names []string
	for _, r := range c.sheet() {
		names = append(names, r.Name)
	}
	if got, want := fmt.Sprint(names), "[test images plain mixture mixed prior]"; got != want {
		t.Errorf("rows %s, want %s", got, want)
	}
}
