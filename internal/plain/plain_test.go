package plain

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"a \"b\" \\ – 5 µs\nc":      "a \"b\" \\ – 5 µs\nc",
		"\x1b[2J\x07":               `\x1b[2J\a`,
		"a\rb\tc":                   `a\rb\tc`,
		"\u202eabc\u009b":           `\u202eabc\u009b`,
		"a\xffb\xc3":                `a\xffb\xc3`,
		"\ufffd is what it says it": "\ufffd is what it says it",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("\x1b]0;x\x07\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && !strconv.IsPrint(r) }); i >= 0 || !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", s, got)
		}
		if Text(got) != got {
			t.Errorf("%q changes again", got)
		}
	})
}
