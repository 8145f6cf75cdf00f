package diagnose

import (
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// TestVerifyFails: a wrong hash is named and is a failure.
func TestVerifyFails(t *testing.T) {
	if testing.Short() {
		t.Skip("decodes much, and starts no goroutine")
	}
	var out strings.Builder
	lines := &tally{Writer: &out}
	err := verifyHash(t.Context(), lines, decoderHash(model.Synthetic()), "synthetic", "beef", "committed")
	if err == nil || !strings.Contains(err.Error(), "model synthetic: wrong hashes on ") {
		t.Errorf("error %v", err)
	}
	n := len(kernels.Backends())
	if lines.ok != 0 || lines.all != n {
		t.Errorf("%d of %d are ok, there are %d backends", lines.ok, lines.all, n)
	}
	if got := strings.Count(out.String(), `not ok synthetic, committed is "beef"`+"\n"); got != n {
		t.Errorf("%d lines say not ok, there are %d backends:\n%s", got, n, &out)
	}
}
