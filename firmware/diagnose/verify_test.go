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
	err := verifyHash(t.Context(), &out, decoderHash(model.Synthetic()), "synthetic", "beef", "committed")
	if err == nil || !strings.Contains(err.Error(), "model synthetic: wrong hashes on ") {
		t.Errorf("error %v", err)
	}
	n := len(kernels.Backends())
	if got := strings.Count(out.String(), `not ok synthetic, committed is "beef"`+"\n"); got != n {
		t.Errorf("%d lines say not ok, there are %d backends:\n%s", got, n, &out)
	}
}
