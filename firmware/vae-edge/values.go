package main

import (
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/player"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/target"
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

func parseTarget(v string) (target.Target, error) {
	t, err := target.Parse(v)
	if !errors.Is(err, target.ErrNone) {
		return t, err
	}
	if isScreen(v) {
		return t, errors.New("the screen of the console, HDMI or one with a driver of the kernel's, is fb0, without a desktop: say --display fb0")
	}
	return t, cli.ChoiceError{
		Values: []string{"spi0", "i2c1", "fb0", "term", "png:", "gif:", "none"},
		Text:   meantTarget(v) + "there is spi0 (spi0.1, spi1, /dev/spidev0.0 …), i2c1, fb0, term, png:FILE, gif:FILE and none",
	}
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
