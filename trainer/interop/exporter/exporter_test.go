package exporter

import (
	"path/filepath"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
)

// TestInt8Decoder: what needs no float32 weights takes a model by any of its names.
func TestInt8Decoder(t *testing.T) {
	built, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "..", "..", "decoder", "pretrained", decoder.DefaultModel+".safetensors")
	for _, name := range []string{decoder.DefaultModel, file} {
		m, err := int8Decoder(name)
		if err != nil || m.DecoderDigest() != built.DecoderDigest() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := int8Decoder(t.TempDir()); err == nil {
		t.Error("an empty folder has a decoder")
	}
}
