package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/firmware/target"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/regular"
)

// readConfig reads the configuration file of that name.
func readConfig(name string) ([]cli.Setting, error) {
	data, err := regular.Read(name, cli.MaxConfig)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w; to make one: vae-edge --generate config >%s", err, cli.Quoted(name))
	case errors.As(err, new(*fs.PathError)):
		return nil, err
	case err != nil: // such as a pipe: it will not be a configuration by itself
		return nil, cli.Usage(err)
	}
	all, err := table().ParseConfig(data)
	if err != nil {
		return nil, cli.Usagef("%s:%w", name, err)
	}
	return all, nil
}

// configure adds the configuration file to what the command line says, and returns what was said
// where.
//
// A panel has its pins and a scene its flags: what the file says of one is left out altogether if
// the command line names another panel or board, or a display that is none; so is what it says of
// another scene than the command line's. A size is that of the file's panel, if it has one. What
// the command does not take is left out as well, so that one file serves all.
func (c *config) configure(typed []cli.Setting) (origins, error) {
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
		other = other || s.Name == "display" && c.display.Kind != target.Panel
	}
	chosen := "" // the scene that the command line is about
	for _, s := range typed {
		if s.Name == "scene" {
			chosen = s.Value
		} else if about := sceneOf(s.Name); about != "" && chosen == "" {
			chosen = about
		}
	}
	ofPanel := slices.ContainsFunc(all, func(s cli.Setting) bool {
		at, err := parseTarget(s.Value)
		return s.Name == "board" || s.Name == "panel" || s.Name == "display" && err == nil && at.Kind == target.Panel
	})
	toPanel := c.command != "" || c.wanted.board != "" || c.wanted.panel != "" || c.display.Kind == target.Panel
	for _, s := range all {
		if s.Name == "size" && (ofPanel && other || !ofPanel && toPanel) {
			continue
		}
		if about := sceneOf(s.Name); chosen != "" && (s.Name == "scene" || about != "" && about != chosen) {
			continue
		}
		if other && (s.Name == "display" || table().GroupOf(s.Name) == panelGroup) {
			continue
		}
		o := table().Find(c.command, s.Name)
		if o == nil {
			continue
		}
		trial := *c
		if o.Apply(&trial, s.Value) != nil {
			continue // such as a picture for a display, to probe
		}
		*c = trial
		given.add([]cli.Setting{s}, c.file)
	}
	given.add(typed, "")
	return given, table().Apply(c, c.command, typed)
}

// origins tell of every flag that was given where that was.
type origins map[string]origin

// An origin is a line of the configuration file; zero stands for the command line.
type origin struct {
	file string
	line int
}

// add notes settings, but not switches that are off.
func (o origins) add(settings []cli.Setting, file string) {
	for _, s := range settings {
		if opt := table().Find("", s.Name); opt != nil && opt.Value == "" {
			if on, err := strconv.ParseBool(s.Value); err == nil && !on {
				continue
			}
		}
		o[s.Name] = origin{file, s.Line}
	}
}

func (o origins) has(name string) bool {
	_, ok := o[name]
	return ok
}

// explain adds to an error about flags which of them the configuration file has, and where.
func (o origins) explain(err error) error {
	var from []cli.Setting
	for name, at := range o {
		if at.line > 0 && mentions(err.Error(), "--"+name) {
			from = append(from, cli.Setting{Name: name, Line: at.line, Value: at.file})
		}
	}
	if from == nil {
		return err
	}
	sort.SliceStable(from, func(i, k int) bool { return from[i].Line < from[k].Line })
	return cli.Usagef("%w (%s)", err, names(from, func(s cli.Setting) string { return fmt.Sprintf("%s:%d has %s", s.Value, s.Line, s.Name) }))
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
