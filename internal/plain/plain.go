// Package plain writes text for people: numbers and sizes, and what is safe to print.
package plain

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns s as a terminal shows it and does not obey it: what is not printable, a newline
// apart, becomes an escape such as \x1b. Errors quote what files and command lines say, and those
// may say anything.
func Text(s string) string {
	odd := func(r rune) bool { return r != '\n' && !strconv.IsPrint(r) }
	if utf8.ValidString(s) && strings.IndexFunc(s, odd) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if odd(r) || r == utf8.RuneError && n == 1 {
			q := strconv.Quote(s[:n])
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// JSON returns a writer of JSON text, values that are whole with each Write, which goes on to w
// with what is not printable as \u escapes: the same values, but a terminal does not obey them.
// Package encoding/json leaves U+202E, which turns the direction of what follows, and others as
// they are.
func JSON(w io.Writer) io.Writer { return jsonWriter{w} }

type jsonWriter struct{ w io.Writer }

func (j jsonWriter) Write(b []byte) (int, error) {
	var out []byte
	for _, r := range string(b) {
		if r < 0x7f || strconv.IsPrint(r) { // package json has seen to what is below
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	if _, err := j.w.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
}
