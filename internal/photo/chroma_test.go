package photo

import "testing"

// TestInColour tells the digit of the documentation from its face.
func TestInColour(t *testing.T) {
	for name, want := range map[string]bool{"photo.jpg": false, "face.png": true} {
		img, err := ReadFile("../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		part := Middle(img.Bounds(), 0)
		if got := InColour(img, part); got != want {
			t.Errorf("%s: %v, a chroma of %d", name, got, chroma(img, part))
		}
		t.Log(name, chroma(img, part))
	}
}
