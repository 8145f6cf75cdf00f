package plain

import (
	"strings"
	"testing"
)

func TestComma(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 60000: "60,000", 1234567: "1,234,567"} {
		if got := Comma(n); got != want {
			t.Errorf("Comma(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestImageSize(t *testing.T) {
	for want, size := range map[string][3]int{"28 x 28": {28, 28, 1}, "64 x 48 x 3": {64, 48, 3}} {
		if got := ImageSize(size); got != want {
			t.Errorf("ImageSize(%v) = %q, want %q", size, got, want)
		}
	}
}

func TestList(t *testing.T) {
	many := strings.Fields("a b c d e f g h i j k l m n")
	for want, names := range map[string][]string{"": nil, "a": many[:1], "a, b": many[:2], "a, b, c, d, e, f, g, h, i, j, k, l and 2 more": many} {
		if got := List(names); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
