package plain

import (
	"encoding/json"
	"errors"
	"io"
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

// FuzzJSON: what is printed is the same value, and what is not printable is escaped.
func FuzzJSON(f *testing.F) {
	f.Add("\x1b]0;x\x07\xff\x7f")
	f.Add("\u202egnp.exe \u200b\u009b\ufeff\U000e0001 – 5 µs \U0001f600")
	f.Fuzz(func(t *testing.T, s string) {
		var b strings.Builder
		if err := json.NewEncoder(JSON(&b)).Encode(map[string]string{s: s}); err != nil {
			t.Fatal(err)
		}
		got := strings.TrimSuffix(b.String(), "\n")
		if i := strings.IndexFunc(got, func(r rune) bool { return !strconv.IsPrint(r) }); i >= 0 || !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", s, got)
		}
		want := strings.ToValidUTF8(s, "\ufffd")
		var m map[string]string
		if err := json.Unmarshal([]byte(got), &m); err != nil || len(m) != 1 {
			t.Fatalf("%q becomes %q, %v", s, got, err)
		}
		for k, v := range m {
			if k != v || !utf8.ValidString(s) && !strings.Contains(v, "\ufffd") || utf8.ValidString(s) && v != want {
				t.Errorf("%q is %q and %q, want %q", s, k, v, want)
			}
		}
	})
}

// TestJSONError: what cannot be written is told.
func TestJSONError(t *testing.T) {
	r, w := io.Pipe()
	broken := errors.New("nobody reads")
	r.CloseWithError(broken)
	if n, err := JSON(w).Write([]byte("1")); n != 0 || err != broken {
		t.Errorf("%d bytes, error %v", n, err)
	}
}
