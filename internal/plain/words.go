package plain

import (
	"fmt"
	"strings"
)

// Comma writes a whole number with its thousands apart.
func Comma(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Shape writes the sides of an array.
func Shape(sides ...int) string {
	words := make([]string, len(sides))
	for i, n := range sides {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, " x ")
}

// ImageSize writes the shape of an image: its height and width, and the number of channels if there
// are several.
func ImageSize(s [3]int) string {
	if s[2] == 1 {
		return Shape(s[:2]...)
	}
	return Shape(s[:]...)
}

// List is names in a line, of many the first.
func List(names []string) string {
	const most = 12
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
