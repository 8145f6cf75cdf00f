// Package target tells places where frames can be shown apart by their names.
package target

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/firmware/framebuffer"
	"github.com/vae-edge/vae-edge/firmware/port"
)

// A Target is a place where frames are shown.
type Target struct {
	Kind     Kind
	File     string       // of PNG and GIF; the device of a screen
	Port     port.Address // of a panel
	Selected bool         // the chip select of its port was stated
}

// A Kind of targets.
type Kind int

// The kinds.
const (
	Term Kind = iota
	None
	PNG
	GIF
	Panel  // on SPI or I2C
	Screen // that the kernel draws on
)

// String is what Parse reads.
func (t Target) String() string {
	switch t.Kind {
	case Term:
		return "term"
	case None:
		return "none"
	case PNG:
		return "png:" + t.File
	case GIF:
		return "gif:" + t.File
	case Screen:
		return filepath.Base(t.File)
	}
	return t.Port.String()
}

// ErrNone is the error of what is the name of no target.
var ErrNone = errors.New("no target")

// Parse reads term, none, png:FILE, gif:FILE, a port or a framebuffer.
func Parse(v string) (Target, error) {
	switch v {
	case "term":
		return Target{Kind: Term}, nil
	case "none":
		return Target{Kind: None}, nil
	}
	if kind, file, ok := strings.Cut(v, ":"); ok && (strings.EqualFold(kind, "png") || strings.EqualFold(kind, "gif")) {
		if lower := strings.ToLower(kind); lower != kind {
			return Target{}, fmt.Errorf("kinds are in lower case: say %s:%s", lower, file)
		}
		if is := pictureKind(file); is != "" && is != kind {
			return Target{}, fmt.Errorf("%s writes a %s, and %s is the name of another kind: let it end in .%s", kind, strings.ToUpper(kind), file, kind)
		}
		switch file {
		case "":
			return Target{}, errors.New("want a file name after the colon")
		case "-":
			file = "/dev/stdout"
		}
		if kind == "png" {
			return Target{Kind: PNG, File: file}, nil
		}
		return Target{Kind: GIF, File: file}, nil
	}
	if a, selected, ok := port.ParseAddress(v); ok {
		return Target{Kind: Panel, Port: a, Selected: selected}, nil
	}
	if path, ok := framebuffer.Path(v); ok {
		return Target{Kind: Screen, File: path}, nil
	}
	return Target{}, ErrNone
}

// pictureKind is the format that the name of a file says it has, "" where it says none.
func pictureKind(file string) string {
	switch ext := strings.TrimPrefix(strings.ToLower(filepath.Ext(file)), "."); ext {
	case "png", "gif", "jpg", "jpeg", "bmp", "webp", "tif", "tiff", "svg", "avif", "pgm", "ppm":
		return ext
	}
	return ""
}
