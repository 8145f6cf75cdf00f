// Package golden reads the files of committed hashes.
package golden

import "strings"

// Find returns the hash of a name in the text of a golden.txt, whose lines are a name and a hash.
// It reports false if there is none.
func Find(text, name string) (string, bool) {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == name {
			return f[1], true
		}
	}
	return "", false
}
