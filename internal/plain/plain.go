// Package plain makes text safe to print.
package plain

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text returns s as a terminal shows it and does not obey it: what is not printable, a newline apart, becomes an escape such as \x1b.
// Errors quote what files and command lines say, and those may say anything.
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
