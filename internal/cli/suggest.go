package cli

import (
	"fmt"

	"github.com/vae-edge/vae-edge/internal/plain"
)

// DidYouMean asks whether the nearest of the names was meant, which begin with a prefix where they
// are typed. It is empty where none is near.
func DidYouMean(word string, names []string, prefix string) string {
	if name := plain.Nearest(word, names); name != "" {
		return fmt.Sprintf("did you mean %s%s? ", prefix, name)
	}
	return ""
}
