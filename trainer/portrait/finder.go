package portrait

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/vae-edge/vae-edge/trainer/internal/cascade"
)

// A Finder finds faces and eyes with two cascades that OpenCV brings. They are read where it is
// installed, and are not part of this module. Several goroutines may use it at once.
type Finder struct{ face, eye *cascade.Cascade }

// The cascades' files, as OpenCV names them.
const (
	FaceFile = "haarcascade_frontalface_alt2.xml"
	EyeFile  = "haarcascade_eye.xml"
)

// ErrNone is returned by [Open] if OpenCV's cascades are in none of the usual places.
var ErrNone = errors.New("OpenCV's cascades " + FaceFile + " and " + EyeFile + " are not installed")

// places are where packages of OpenCV put its cascades.
var places = []string{
	"/usr/share/opencv4/haarcascades", // Debian, Fedora, Arch
	"/usr/local/share/opencv4/haarcascades",
	"/opt/homebrew/share/opencv4/haarcascades",
	"/usr/share/opencv/haarcascades",
	`C:\opencv\build\etc\haarcascades`,
}

// Open reads the cascades in a folder or, if that is "", where OpenCV is installed. It fails with
// [ErrNone] if it is not. Other errors name the file.
func Open(dir string) (*Finder, error) {
	if dir == "" {
		for _, place := range places {
			if has(place) {
				dir = place
				break
			}
		}
		if dir == "" {
			return nil, ErrNone
		}
	}
	face, err := cascade.ReadFile(filepath.Join(dir, FaceFile))
	if err != nil {
		return nil, err
	}
	eye, err := cascade.ReadFile(filepath.Join(dir, EyeFile))
	if err != nil {
		return nil, err
	}
	return &Finder{face, eye}, nil
}

// has reports whether both cascades are in a folder.
func has(dir string) bool {
	for _, name := range []string{FaceFile, EyeFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}
