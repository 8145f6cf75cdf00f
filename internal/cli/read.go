package cli

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
)

// A Setting is a flag with its value, as a command line or a configuration file has it.
type Setting struct {
	Name, Value string
	Line        int // in the file, from 1
}

// A Line is a command line that was read and not yet carried out.
type Line struct {
	Command  string
	Settings []Setting // in their order
	Operands []string
	Help     bool // help was asked for, and nothing else counts
}

// Has reports whether a flag was given.
func (l *Line) Has(name string) bool {
	return slices.ContainsFunc(l.Settings, func(s Setting) bool { return s.Name == name })
}

// Read reads a command line: a command, unless it is the one without a name, then flags and
// operands in any order. What follows -- is an operand. Errors are UsageErrors that name what was
// meant.
func (p *Program[C]) Read(args []string) (Line, error) {
	var l Line
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		word := args[0]
		switch {
		case word == "help" && p.command(word) == nil:
			l.Help = true
			if len(args) > 1 && !strings.HasPrefix(args[1], "-") {
				c := p.command(args[1])
				if c == nil {
					return l, p.unknownCommand(args[1:])
				}
				l.Command = c.Name
			}
			return l, nil
		case p.command(word) == nil && p.takesOperands(""):
			// of the command without a name
		case p.command(word) == nil:
			return l, p.unknownCommand(args)
		default:
			l.Command, args = p.command(word).Name, args[1:]
		}
	}
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	for _, f := range p.Of(l.Command) {
		set := func(v string) error {
			l.Settings = append(l.Settings, Setting{Name: f.Name, Value: v})
			return nil
		}
		if f.IsSwitch() {
			fs.BoolFunc(f.Name, "", set)
		} else {
			fs.Func(f.Name, "", set)
		}
	}
	for {
		if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
			l.Help = true
			return l, nil
		} else if err != nil {
			return l, p.flagError(l.Command, err.Error())
		}
		read := len(args) - fs.NArg()
		if read > 0 && args[read-1] == "--" {
			l.Operands = append(l.Operands, fs.Args()...)
			break
		}
		if fs.NArg() == 0 {
			break
		}
		l.Operands = append(l.Operands, fs.Arg(0))
		if !p.takesOperands(l.Command) {
			break
		}
		args = fs.Args()[1:]
	}
	if len(l.Operands) == 0 || p.takesOperands(l.Command) {
		return l, nil
	}
	if n := len(l.Settings); n > 0 { // of a value that may be left out
		f := p.Find(l.Command, l.Settings[n-1].Name)
		if f.optional() && strings.Trim(f.Value, "[=]") == l.Operands[0] {
			return l, Usagef("unexpected argument %q: write --%s=%[1]s", l.Operands[0], f.Name)
		}
	}
	if flag := p.stray(l.Command, l.Operands[0]); flag != "" {
		return l, Usagef("unexpected argument %q: write %s", l.Operands[0], flag)
	}
	return l, Usagef("unexpected argument %q; see %s", l.Operands[0], p.seeHelp(l.Command))
}

// stray is a word with the flag of a command before it that it looks like a value of, or "".
func (p *Program[C]) stray(command, word string) string {
	if p.Stray == nil || p.Find(command, p.Stray(word)) == nil {
		return ""
	}
	return "--" + p.Stray(word) + " " + shellWord(word)
}

// shellWord is a word as it is typed.
func shellWord(word string) string {
	if strings.ContainsAny(word, " \t\n\"'`\\$&;|<>()*?#") {
		return quote(word)
	}
	return word
}

func (p *Program[C]) takesOperands(command string) bool {
	c := p.command(command)
	return c != nil && c.Operands != ""
}

// seeHelp is where to look.
func (p *Program[C]) seeHelp(command string) string { return p.typed(command) + " --help" }

// unknownCommand says what was meant by the first of some words.
func (p *Program[C]) unknownCommand(words []string) error {
	word := words[0]
	var names []string
	for _, c := range p.Commands {
		if name := cmp.Or(c.Name, c.Alias); name != "" {
			names = append(names, name)
		}
	}
	if flag := p.stray("", word); flag != "" {
		return Usagef("unknown command %q: say %s %s", word, p.Name, flag)
	}
	near := plain.Nearest(word, slices.Concat(names, []string{"help"}, slices.Sorted(maps.Keys(p.Meant))))
	if meant, ok := p.Meant[near]; ok {
		if len(words) > 1 && !strings.HasPrefix(words[1], "-") {
			meant = strings.ReplaceAll(meant, "FILE", shellWord(words[1]))
		}
		return Usagef("unknown command %q: %s", word, meant)
	}
	return Usagef("unknown command %q: %sthere is %s; see %s", word, DidYouMean(word, append(names, "help"), ""), strings.Join(names, ", "), p.seeHelp(""))
}

// flagError says what package flag found wrong.
func (p *Program[C]) flagError(command, text string) error {
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		name = strings.TrimPrefix(name, "-")
		if meant := DidYouMean(name, p.flagNames(command), "--"); meant != "" {
			return Usagef("unknown flag --%s: %ssee %s", name, meant, p.seeHelp(command))
		}
		for _, c := range p.Commands {
			if p.Find(c.Name, name) != nil {
				return Usagef("unknown flag --%s: it is of %s; see %s", name, p.typed(c.Name), p.seeHelp(command))
			}
		}
		for _, c := range p.Commands {
			if near := plain.Nearest(name, p.flagNames(c.Name)); near != "" {
				return Usagef("unknown flag --%s: --%s is of %s; see %s", name, near, p.typed(c.Name), p.seeHelp(command))
			}
		}
		return Usagef("unknown flag --%s; see %s", name, p.seeHelp(command))
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return Usagef("a value is missing after --%s; see %s", strings.TrimPrefix(name, "-"), p.seeHelp(command))
	}
	return Usagef("%s; see %s", text, p.seeHelp(command))
}

// flagNames are the names of a command's flags.
func (p *Program[C]) flagNames(command string) (names []string) {
	for _, f := range p.Of(command) {
		names = append(names, f.Name)
	}
	return names
}

// SetDefaults sets what the flags of a command have where nothing is said. It panics if the table's
// own defaults are wrong.
func (p *Program[C]) SetDefaults(c *C, command string) {
	for _, f := range p.Of(command) {
		if f.Default != "" {
			if err := f.Set(c, f.Default); err != nil {
				panic(fmt.Sprintf("cli: the default of --%s: %v", f.Name, err))
			}
		}
	}
}

// Apply sets what settings of a command say.
func (p *Program[C]) Apply(c *C, command string, settings []Setting) error {
	for _, s := range settings {
		if err := p.Find(command, s.Name).Apply(c, s.Value); err != nil {
			return Usagef("--%s %q: %w", s.Name, s.Value, err)
		}
	}
	return nil
}

// Apply sets what the flag says. A switch takes what stands for true or false.
func (f *Flag[C]) Apply(c *C, value string) error {
	if f.Value == "" {
		on, err := strconv.ParseBool(value)
		if err != nil {
			return errors.New("a switch has no value")
		}
		if !on {
			return nil
		}
	}
	err := f.Set(c, value)
	var choice ChoiceError
	if errors.As(err, &choice) {
		if meant := DidYouMean(value, choice.Values, ""); meant != "" {
			return fmt.Errorf("%s%w", meant, err)
		}
	}
	return err
}
