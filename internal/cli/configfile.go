package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
)

// MaxConfig is the longest configuration file in bytes.
const MaxConfig = 1 << 16

// ParseConfig reads a configuration file: on each line the name of a flag, =, and its value, which
// spaces surround but do not belong to. A switch stands alone. Empty lines and those that begin
// with # are comments. Its errors begin with the number of the line.
func (p *Program[C]) ParseConfig(data []byte) ([]Setting, error) {
	var all []Setting
	n := 0
	// Some editors begin with such a mark
	for text := range strings.SplitSeq(string(bytes.TrimPrefix(data, []byte("\ufeff"))), "\n") {
		n++
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' {
			continue
		}
		name, value, valued := strings.Cut(text, "=")
		s := Setting{strings.TrimSpace(name), strings.TrimSpace(value), n}
		if !valued {
			s.Value = "true"
		}
		o := p.Find("", s.Name)
		switch {
		case o == nil || slices.Contains(p.NotInFile, s.Name):
			return nil, fmt.Errorf("%d: %q is not a setting; %s%s --generate config prints all there are", n, s.Name, p.meantSetting(s.Name), p.Name)
		case !valued && !o.IsSwitch():
			return nil, fmt.Errorf("%d: a value is missing: write %s = %s", n, s.Name, o.Value)
		}
		if i := slices.IndexFunc(all, func(before Setting) bool { return before.Name == s.Name }); i >= 0 {
			return nil, fmt.Errorf("%d: %s is in line %d already; leave one of them out", n, s.Name, all[i].Line)
		}
		c := new(C)
		if err := o.Apply(c, s.Value); err != nil {
			if o.Value == "" {
				return nil, fmt.Errorf("%d: %s = %s: a switch has no value: write %s alone, or leave the line out", n, s.Name, printable(s.Value), s.Name)
			}
			return nil, fmt.Errorf("%d: %s = %s: %w", n, s.Name, printable(s.Value), err)
		}
		if p.LineOnly != nil && p.LineOnly(c) {
			return nil, fmt.Errorf("%d: %s = %s is for the command line", n, s.Name, printable(s.Value))
		}
		all = append(all, s)
	}
	return all, nil
}

// meantSetting asks whether another setting was meant by what is none: one whose name is misspelt,
// or written as a flag, or without the = before its value.
func (p *Program[C]) meantSetting(text string) string {
	var names []string
	for _, f := range p.Flags {
		if !slices.Contains(p.NotInFile, f.Name) && p.Find("", f.Name) != nil {
			names = append(names, f.Name)
		}
	}
	word, value, several := strings.Cut(strings.TrimLeft(text, "-"), " ")
	if !slices.Contains(names, word) {
		if word = plain.Nearest(word, names); word == "" {
			return ""
		}
	}
	if value = strings.TrimSpace(value); several && value != "" {
		word += " = " + printable(value)
	}
	return fmt.Sprintf("did you mean %s? ", word)
}

// printable quotes what would spoil a line.
func printable(v string) string {
	if q := strconv.Quote(v); v == "" || len(q) != len(v)+2 {
		return q
	}
	return v
}
