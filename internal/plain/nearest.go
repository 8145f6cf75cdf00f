package plain

import "strings"

// Nearest returns which of the names is meant by a word, whatever its capitals: the only one that
// begins with the word, or the one with the fewest slips. It is empty where none is.
func Nearest(word string, names []string) string {
	word = strings.ToLower(word)
	best, least := "", 1+min(2, len(word)/2) // farther ones are other words
	var begin []string
	for _, name := range names {
		if d := distance(word, strings.ToLower(name)); d < least {
			best, least = name, d
		}
		if len(word) > 2 && strings.HasPrefix(strings.ToLower(name), word) {
			begin = append(begin, name)
		}
	}
	if len(begin) == 1 {
		return begin[0]
	}
	return best
}

// distance is how many letters must be put in, left out, exchanged for another or with their
// neighbour to make b of a (Damerau, 1964; each part is changed once).
func distance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
