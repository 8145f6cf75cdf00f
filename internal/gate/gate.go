// Package gate says how much a test does: all of it at the gate, where the environment variable CI
// is set, and a part of it where people wait, or of -short tests.
package gate

import (
	"os"
	"testing"
)

// All reports whether a test does everything.
func All() bool { return os.Getenv("CI") != "" && !testing.Short() }

// Only skips a test elsewhere than at the gate: it takes long and its kind has other tests.
func Only(t testing.TB) {
	if t.Helper(); !All() {
		t.Skip("runs at the gate, with CI=true")
	}
}

// Step is how far it is from one of many cases to the next that is tested: 1 if all are, else n.
func Step(n int) int {
	if All() {
		return 1
	}
	return n
}
