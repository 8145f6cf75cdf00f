package model

import (
	"bytes"
	"testing"
)

// The ground of a model's pictures is in its file, and a model of a dark one has the file that it
// always had.
func TestGround(t *testing.T) {
	plain, err := Synthetic().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	m := Synthetic()
	m.SetBrightGround(false)
	if same, err := m.Marshal(); err != nil || !bytes.Equal(same, plain) {
		t.Errorf("a dark ground changes the file: %v", err)
	}
	copied := *m
	m.SetBrightGround(true)
	if copied.BrightGround() || !m.BrightGround() {
		t.Error("a copy of the model is changed, or the model is not")
	}
	file, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	read, err := Parse(file)
	if err != nil || !read.BrightGround() {
		t.Fatalf("the ground is lost: %v", err)
	}
	picture := []uint8{0, 10, 255}
	grey := &Model{Image: [3]int{1, 3, 1}, Extra: read.Extra}
	if got := grey.OnGround(picture); !bytes.Equal(got, []uint8{255, 245, 0}) || picture[1] != 10 {
		t.Errorf("a picture becomes %v, and was %v", got, picture)
	}
	grey.SetBrightGround(false)
	if got := grey.OnGround(picture); &got[0] != &picture[0] || grey.BrightGround() || !read.BrightGround() {
		t.Error("a picture on a dark ground is not itself")
	}
}
