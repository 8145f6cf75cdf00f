package random

import (
	"fmt"
	"slices"
	"testing"
)

func TestPermutation(t *testing.T) {
	a := Permutation(1, 0, 1000)
	sorted := slices.Sorted(slices.Values(a))
	for i, v := range sorted {
		if i != v {
			t.Fatalf("%d is missing", i)
		}
	}
	if slices.Equal(a, Permutation(1, 1, 1000)) || slices.Equal(a, Permutation(2, 0, 1000)) || slices.Equal(a, sorted) {
		t.Error("not shuffled by seed and epoch")
	}
	// Holds the order that checkpoints rely on.
	if got, want := fmt.Sprint(Permutation(1, 2, 10)), "[2 0 6 1 3 7 9 8 4 5]"; got != want {
		t.Errorf("Permutation(1, 2, 10) = %s, want %s", got, want)
	}
}
