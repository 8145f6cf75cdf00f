package plain

import "testing"

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
