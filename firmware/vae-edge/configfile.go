package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/internal/regular"
)

// A setting is a flag with its value, as the command line or the configuration file has it.
type setting struct {
	name, value string
	line        int // in the file, from 1
}

// notInFile are the flags that a configuration file cannot have: they do not say how anything is
// shown.
var notInFile = []string{"config", "generate", "version", "help"}

// maxConfig is the longest configuration file in bytes.
const maxConfig = 1 << 16

// parseConfig reads a configuration file: on each line the name of a flag, =, and its value, which
// spaces surround but do not belong to. A switch stands alone. Empty lines and those that begin
// with # are comments. Its errors begin with the number of the line.
func parseConfig(data []byte) ([]setting, error) {
	var all []setting
	n := 0
	for text := range strings.SplitSeq(string(bytes.TrimPrefix(data, []byte("\ufeff"))), "\n") { // some editors begin with such a mark
		n++
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' {
			continue
		}
		name, value, valued := strings.Cut(text, "=")
		s := setting{strings.TrimSpace(name), strings.TrimSpace(value), n}
		if !valued {
			s.value = "true"
		}
		o := findOption("", s.name)
		switch {
		case o == nil || slices.Contains(notInFile, s.name):
			return nil, fmt.Errorf("%d: %q is not a setting; vae-edge --generate config prints all there are", n, s.name)
		case !valued && !o.isSwitch():
			return nil, fmt.Errorf("%d: a value is missing: write %s = %s", n, s.name, o.value)
		}
		if i := slices.IndexFunc(all, func(before setting) bool { return before.name == s.name }); i >= 0 {
			return nil, fmt.Errorf("%d: %s is in line %d already; leave one of them out", n, s.name, all[i].line)
		}
		c := &config{}
		if err := o.apply(c, s.value); err != nil {
			return nil, fmt.Errorf("%d: %s = %s: %w", n, s.name, printable(s.value), err)
		}
		if c.action != actionNone {
			return nil, fmt.Errorf("%d: %s = %s is for the command line", n, s.name, s.value)
		}
		all = append(all, s)
	}
	return all, nil
}

// printable quotes what would spoil a line.
func printable(v string) string {
	if q := strconv.Quote(v); v == "" || len(q) != len(v)+2 {
		return q
	}
	return v
}

// readConfig reads the configuration file of that name.
func readConfig(name string) ([]setting, error) {
	f, err := regular.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxConfig {
		return nil, usagef("%s: a configuration file has at most %d bytes", name, maxConfig)
	}
	all, err := parseConfig(data)
	if err != nil {
		return nil, usagef("%s:%w", name, err)
	}
	return all, nil
}

// findOption returns the option of a command, or nil.
func findOption(command, name string) *option {
	all := options()
	i := slices.IndexFunc(all, func(o option) bool { return o.name == name && slices.Contains(o.commands, command) })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// groupOf returns the heading of an option.
func groupOf(name string) (group string) {
	for _, o := range options() {
		if o.group != "" {
			group = o.group
		}
		if o.name == name {
			break
		}
	}
	return group
}

// isSwitch reports whether an option may stand without a value.
func (o *option) isSwitch() bool { return o.value == "" || o.optional() }

// apply sets what the option says.
func (o *option) apply(c *config, v string) error {
	if o.value != "" {
		return o.set(c, v)
	}
	on, err := strconv.ParseBool(v)
	if err != nil {
		return fmt.Errorf("a switch has no value")
	}
	if on {
		return o.set(c, v)
	}
	return nil
}

// apply sets what the command line says.
func (c *config) apply(typed []setting) error {
	for _, s := range typed {
		if err := findOption(c.command, s.name).apply(c, s.value); err != nil {
			return usagef("--%s %q: %w", s.name, s.value, err)
		}
	}
	return nil
}

// configure adds the configuration file to what the command line says, and returns what was said
// where.
//
// A panel has its pins and a scene its flags: what the file says of one is left out altogether if
// the command line names another panel or board, or a display that is none; so is what it says of
// another scene than the command line's. What the command does not take is left out as well, so
// that one file serves all.
func (c *config) configure(typed []setting) (origins, error) {
	given := origins{}
	if c.file == "" {
		given.add(typed, "")
		return given, nil
	}
	all, err := readConfig(c.file)
	if err != nil {
		return nil, err
	}
	other := c.wanted.board != "" || c.wanted.panel != ""
	for _, s := range typed {
		other = other || s.name == "display" && c.display.kind != targetSPI
	}
	chosen := "" // the scene that the command line is about
	for _, s := range typed {
		if s.name == "scene" {
			chosen = s.value
		} else if about := sceneOf(s.name); about != "" && chosen == "" {
			chosen = about
		}
	}
	for _, s := range all {
		if about := sceneOf(s.name); chosen != "" && (s.name == "scene" || about != "" && about != chosen) {
			continue
		}
		if other && (s.name == "display" || groupOf(s.name) == panelGroup) {
			continue
		}
		o := findOption(c.command, s.name)
		if o == nil {
			continue
		}
		trial := *c
		if o.apply(&trial, s.value) != nil {
			continue // such as a picture for a display, to probe
		}
		*c = trial
		given.add([]setting{s}, c.file)
	}
	given.add(typed, "")
	return given, c.apply(typed)
}

// origins tell of every flag that was given where that was.
type origins map[string]origin

// An origin is a line of the configuration file; zero stands for the command line.
type origin struct {
	file string
	line int
}

// add notes settings, but not switches that are off.
func (o origins) add(settings []setting, file string) {
	for _, s := range settings {
		if opt := findOption("", s.name); opt != nil && opt.value == "" {
			if on, err := strconv.ParseBool(s.value); err == nil && !on {
				continue
			}
		}
		o[s.name] = origin{file, s.line}
	}
}

func (o origins) has(name string) bool {
	_, ok := o[name]
	return ok
}

// explain adds to an error about flags which of them the configuration file has, and where.
func (o origins) explain(err error) error {
	var from []setting
	for name, at := range o {
		if at.line > 0 && mentions(err.Error(), "--"+name) {
			from = append(from, setting{name: name, line: at.line, value: at.file})
		}
	}
	if from == nil {
		return err
	}
	slices.SortFunc(from, func(a, b setting) int { return a.line - b.line })
	return usagef("%w (%s)", err, names(from, func(s setting) string { return fmt.Sprintf("%s:%d has %s", s.value, s.line, s.name) }))
}

// mentions reports whether the text has the flag, and not only a longer one that begins like it.
func mentions(text, flag string) bool {
	for {
		_, after, found := strings.Cut(text, flag)
		if !found {
			return false
		}
		if after == "" || after[0] != '-' && (after[0] < 'a' || after[0] > 'z') {
			return true
		}
		text = after
	}
}
