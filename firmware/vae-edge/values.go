package main

import (
	"errors"
	"fmt"
	"image"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/firmware/framebuffer"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/player"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/plain"
)

// names joins the names of things.
func names[T any](things []T, name func(T) string) string {
	var all []string
	for _, t := range things {
		all = append(all, name(t))
	}
	return strings.Join(all, ", ")
}

// The limits of numbers on the command line.
const (
	maxFrames = math.MaxInt64
	maxFPS    = 1000
	maxSize   = 4096
)

func parseNumber(v string, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("want a whole number from 1 to %d", most)
	}
	return n, nil
}

func parseSize(v string) (image.Point, error) {
	w, h, _ := strings.Cut(v, "x")
	x, errX := parseNumber(w, maxSize)
	y, errY := parseNumber(h, maxSize)
	if errX != nil || errY != nil {
		return image.Point{}, fmt.Errorf("want WIDTHxHEIGHT, each from 1 to %d", maxSize)
	}
	return image.Pt(int(x), int(y)), nil
}

func parseTarget(v string) (target, error) {
	switch v {
	case "term":
		return target{kind: targetTerm}, nil
	case "none":
		return target{kind: targetNone}, nil
	}
	if kind, file, ok := strings.Cut(v, ":"); ok && (strings.EqualFold(kind, "png") || strings.EqualFold(kind, "gif")) {
		if lower := strings.ToLower(kind); lower != kind {
			return target{}, fmt.Errorf("kinds are in lower case: say %s:%s", lower, file)
		}
		if is := pictureKind(file); is != "" && is != kind {
			return target{}, fmt.Errorf("%s writes a %s, and %s is the name of another kind: let it end in .%s", kind, strings.ToUpper(kind), file, kind)
		}
		switch file {
		case "":
			return target{}, errors.New("want a file name after the colon")
		case "-":
			file = "/dev/stdout"
		}
		if kind == "png" {
			return target{kind: targetPNG, file: file}, nil
		}
		return target{kind: targetGIF, file: file}, nil
	}
	if a, selected, ok := port.ParseAddress(v); ok {
		return target{kind: targetSPI, spi: a, selected: selected}, nil
	}
	if path, ok := framebuffer.Path(v); ok {
		return target{kind: targetScreen, file: path}, nil
	}
	if isScreen(v) {
		return target{}, errors.New("the screen of the console, HDMI or one with a driver of the kernel's, is fb0, without a desktop: say --display fb0")
	}
	return target{}, cli.ChoiceError{
		Values: []string{"spi0", "i2c1", "fb0", "term", "png:", "gif:", "none"},
		Text:   meantTarget(v) + "there is spi0 (spi0.1, spi1, /dev/spidev0.0 …), i2c1, fb0, term, png:FILE, gif:FILE and none",
	}
}

// pictureKind is the format that the name of a file says it has, "" where it says none.
func pictureKind(file string) string {
	switch ext := strings.TrimPrefix(strings.ToLower(filepath.Ext(file)), "."); ext {
	case "png", "gif", "jpg", "jpeg", "bmp", "webp", "tif", "tiff", "svg", "avif", "pgm", "ppm":
		return ext
	}
	return ""
}

// meantTarget says what may be meant by what is no target, "" where that cannot be told.
func meantTarget(v string) string {
	name := strings.TrimPrefix(strings.ToLower(v), "/dev/")
	if _, ok := panel.FindBoard(name); ok {
		return "a board is given by --board; "
	}
	if len(panelsWith(name)) > 0 {
		return "a panel is given by --panel; "
	}
	if strings.HasPrefix(name, "tty") || strings.HasPrefix(name, "termi") || name == "console" || name == "stdout" || name == "-" {
		return "this terminal is term; "
	}
	if strings.HasSuffix(name, ".png") || strings.HasSuffix(name, ".gif") {
		return "a file is " + name[len(name)-3:] + ":" + v + "; "
	}
	return ""
}

// isScreen reports whether what is no target is the name of a screen that the kernel draws on.
func isScreen(v string) bool {
	name := strings.TrimPrefix(strings.ToLower(v), "/dev/")
	return slices.ContainsFunc([]string{"fb", "framebuffer", "hdmi", "dsi", "dpi", "drm", "dri", "kms", "x11", "wayland", "screen", "monitor"},
		func(screen string) bool { return strings.HasPrefix(name, screen) })
}

// panelsWith are the panels whose chip the word begins with.
func panelsWith(word string) (all []panel.Panel) {
	for _, p := range panel.Panels {
		if strings.HasPrefix(word, strings.ToLower(p.Controller.Name)) {
			all = append(all, p)
		}
	}
	return all
}

// noPanel is the error of what is the name of no panel: it may be a chip's, or a board's.
func noPanel(v string) error {
	name := func(p panel.Panel) string { return p.Name }
	if _, ok := panel.FindBoard(v); ok {
		return errors.New("that is a board: say --board")
	}
	if some := panelsWith(strings.ToLower(v)); len(some) > 0 {
		e := cli.Choose(some, name).(cli.ChoiceError)
		e.Text = "panels with this chip are " + names(some, name) + "; for other glass say its --size as well, such as 76x284"
		return e
	}
	if near := boardsLike(v); len(near) > 0 {
		return fmt.Errorf("did you mean --board %s? panels are %s", strings.Join(near, ", "), names(panel.Panels, name))
	}
	return cli.Choose(panel.Panels, name)
}

// boardsLike are the boards of the maker that a misspelt word begins with, or that it is near to.
func boardsLike(v string) (near []string) {
	begin := func(s string) string {
		word, _, _ := strings.Cut(strings.ToLower(s), "-")
		return word
	}
	var all, makers []string
	for _, b := range panel.Boards {
		all, makers = append(all, b.Name), append(makers, begin(b.Name))
	}
	if name := plain.Nearest(v, all); name != "" {
		return []string{name}
	}
	maker := plain.Nearest(begin(v), slices.Compact(slices.Clone(makers)))
	for i, name := range all {
		if maker != "" && makers[i] == maker {
			near = append(near, name)
		}
	}
	return near
}

func parseLog(v string) (terminal.LogFormat, error) {
	f, ok := map[string]terminal.LogFormat{"plain": terminal.LogPlain, "text": terminal.LogText, "json": terminal.LogJSON}[v]
	if !ok {
		return 0, cli.ChoiceError{Values: []string{"plain", "text", "json"}, Text: "there is plain, text and json"}
	}
	return f, nil
}

func parseStats(v string) (player.Stats, error) {
	switch v {
	case "true":
		return player.StatsLine, nil
	case "false":
		return player.StatsOff, nil
	case "overlay":
		return player.StatsOverlay, nil
	}
	return 0, errors.New("there is --stats and --stats=overlay")
}

// parsePin reads what names a GPIO line.
func parsePin(v string) (string, error) {
	if pin, ok := port.ParsePin(v); ok && v != noPinAtAll {
		return pin, nil
	}
	return "", errors.New("want a GPIO line such as GPIO25, 25 or gpiochip1:23; vae-edge --panel list has those of boards")
}

func parsePinOrNone(v string) (string, error) {
	if v == noPinAtAll {
		return v, nil
	}
	return parsePin(v)
}

// The limits of --hz. Above 125 MHz no Raspberry Pi goes; below 100 kHz a frame takes ten seconds.
const (
	minClock = 100 * physic.KiloHertz
	maxClock = 125 * physic.MegaHertz
)

func parseClock(v string) (physic.Frequency, error) {
	var f physic.Frequency
	if err := f.Set(v); err != nil || f < minClock || f > maxClock {
		return 0, errors.New("want a clock such as 40M, 62.5MHz or 15000000, from 100k to 125M")
	}
	return f, nil
}
