package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// settings are what the flags of the tests' program set.
type settings struct {
	name    string
	times   int
	loud    bool
	overlay string
	order   []string
}

// program has a flag of every kind.
func program() *Program[settings] {
	all, own := []string{"", "count"}, []string{""}
	return &Program[settings]{
		Name: "greet",
		Commands: []Command{
			{Alias: "say", Help: "says hello", Text: "Says hello.\n\nTwice, if need be.", Operands: "WHO..."},
			{Name: "count", Help: "counts how often hello was said, which may take a while where many people live who are greeted"},
		},
		Flags: []Flag[settings]{
			{Group: "Words", Name: "name", Value: "NAME", Help: "one of a few", Default: "hello", Commands: all, Set: func(c *settings, v string) error {
				c.order = append(c.order, "name")
				if c.name = v; v != "hello" && v != "hallo" {
					return ChoiceError{Values: []string{"hello", "hallo"}}
				}
				return nil
			}},
			{Name: "times", Value: "N", Help: "how often", Default: "1", Commands: own, Set: func(c *settings, v string) (err error) {
				c.order = append(c.order, "times")
				if c.times, err = strconv.Atoi(v); err != nil {
					return errors.New("want a whole number")
				}
				return nil
			}},
			{Group: "Sound", Name: "loud", Help: "so that all can hear it", Commands: all, Set: func(c *settings, _ string) error {
				c.loud = true
				return nil
			}},
			{Name: "overlay", Value: "[=text]", Help: "shows it\ntext: in letters\n", Commands: own, Set: func(c *settings, v string) error {
				c.overlay = v
				return nil
			}},
		},
		Meant: map[string]string{"goodbye": "say greet --name hallo", "play": "say greet --name FILE"},
		Stray: func(word string) string {
			if strings.HasSuffix(word, ".wav") {
				return "name"
			}
			return ""
		},
		Tail: map[string]string{"": "\nExamples:\n  greet --loud world\n"},
	}
}

func TestRead(t *testing.T) {
	p := program()
	for _, c := range []struct {
		args     string
		command  string
		settings string
		operands string
		help     bool
	}{
		{"", "", "[]", "[]", false},
		{"--name hallo", "", "[{name hallo 0}]", "[]", false},
		{"-name=hallo --loud world", "", "[{name hallo 0} {loud true 0}]", "[world]", false},
		{"world --loud and --times 3 more", "", "[{loud true 0} {times 3 0}]", "[world and more]", false},
		{"--loud=false -- --times 3", "", "[{loud false 0}]", "[--times 3]", false},
		{"say world", "", "[]", "[world]", false},
		{"count --loud", "count", "[{loud true 0}]", "[]", false},
		{"--overlay=text --overlay x", "", "[{overlay text 0} {overlay true 0}]", "[x]", false},
		{"count --help", "count", "[]", "[]", true},
		{"-h", "", "[]", "[]", true},
		{"help", "", "[]", "[]", true},
		{"help count", "count", "[]", "[]", true},
		{"help --loud", "", "[]", "[]", true},
		{"--name --loud", "", "[{name --loud 0}]", "[]", false}, // as package flag has it
	} {
		l, err := p.Read(strings.Fields(c.args))
		if err != nil || l.Command != c.command || fmt.Sprint(l.Settings) != c.settings || fmt.Sprint(l.Operands) != c.operands || l.Help != c.help {
			t.Errorf("%q: %+v, error %v", c.args, l, err)
		}
	}
	for args, want := range map[string]string{
		"count world":    `unexpected argument "world"; see greet count --help`,
		"--nmae x":       "unknown flag --nmae: did you mean --name? see greet --help",
		"--volume x":     "unknown flag --volume; see greet --help",
		"--NAME x":       "unknown flag --NAME: did you mean --name? see greet --help",
		"--over":         "unknown flag --over: did you mean --overlay? see greet --help",
		"count --times":  "unknown flag --times: it is of greet; see greet count --help",
		"count --lout":   "unknown flag --lout: did you mean --loud? see greet count --help",
		"count --itmes":  "unknown flag --itmes: --times is of greet; see greet count --help",
		"count a.wav":    `unexpected argument "a.wav": write --name a.wav`,
		"--name":         "a value is missing after --name; see greet --help",
		"help nothing":   `unknown command "nothing": there is say, count; see greet --help`,
		"--loud=perhaps": "",
	} {
		l, err := p.Read(strings.Fields(args))
		if err == nil {
			err = p.Apply(&settings{}, l.Command, l.Settings)
		}
		var usage UsageError
		if !errors.As(err, &usage) || want != "" && err.Error() != want {
			t.Errorf("%q: error %v, want %s", args, err, want)
		}
	}
	// Without operands a word is a command or wrong.
	p.Commands[0].Operands = ""
	for args, want := range map[string]string{
		"cuont":       `unknown command "cuont": did you mean count? there is say, count; see greet --help`,
		"goodbye":     `unknown command "goodbye": say greet --name hallo`,
		"hlep":        `unknown command "hlep": did you mean help? there is say, count; see greet --help`,
		"godbye":      `unknown command "godbye": say greet --name hallo`,
		"play":        `unknown command "play": say greet --name FILE`,
		"play a$.wav": `unknown command "play": say greet --name 'a$.wav'`,
		"b.wav":       `unknown command "b.wav": say greet --name b.wav`,
	} {
		if _, err := p.Read(strings.Fields(args)); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", args, err, want)
		}
	}
}

func TestApply(t *testing.T) {
	p := program()
	c := &settings{}
	p.SetDefaults(c, "")
	if c.name != "hello" || c.times != 1 || c.loud {
		t.Errorf("defaults are %+v", c)
	}
	c.order = nil
	err := p.Apply(c, "", []Setting{{Name: "times", Value: "3"}, {Name: "name", Value: "hallo"}, {Name: "loud", Value: "false"}})
	if err != nil || c.name != "hallo" || c.times != 3 || c.loud || !slices.Equal(c.order, []string{"times", "name"}) {
		t.Errorf("%+v, error %v", c, err)
	}
	for value, want := range map[string]string{
		"helo":   `--name "helo": did you mean hello? there is hello, hallo`,
		"moin":   `--name "moin": there is hello, hallo`,
		"h\x1bx": "--name \"h\\x1bx\": there is hello, hallo",
	} {
		if err := p.Apply(c, "", []Setting{{Name: "name", Value: value}}); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	var choice ChoiceError
	if err := p.Apply(c, "", []Setting{{Name: "name", Value: "helo"}}); !errors.As(err, &choice) || len(choice.Values) != 2 {
		t.Errorf("the error %v does not have the choices", err)
	}
}

func TestHelp(t *testing.T) {
	p := program()
	var b strings.Builder
	if err := p.PrintHelp(&b, ""); err != nil {
		t.Fatal(err)
	}
	const want = `Says hello.

Twice, if need be.

Usage:
  greet [flags] WHO...
      says hello
  greet count [flags]
      counts how often hello was said, which may take a while where many people
      live who are greeted

Words:
  --name NAME          one of a few (default hello)
  --times N            how often (default 1)

Sound:
  --loud               so that all can hear it
  --overlay[=text]     shows it
                       text: in letters

Examples:
  greet --loud world
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &b, want)
	}
	b.Reset()
	if err := p.PrintHelp(&b, "count"); err != nil || !strings.HasPrefix(b.String(), "Usage: greet count [flags]\n\nCounts how ") || strings.Contains(b.String(), "times") {
		t.Errorf("error %v, got\n%s", err, &b)
	}
	if err := p.PrintHelp(full{}, ""); err == nil {
		t.Error("nobody is told that help was not written")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestReflow(t *testing.T) {
	long := strings.Repeat("word ", 30)
	got := Reflow("\n" + long + "\nmore\n\nTerms:\n  term   " + long + "\n         that goes on\n    deeper  x\n\n  an example that stays  as it is said, however long it may be, which is not for us to judge now\n  cmd\n")
	for line := range strings.SplitSeq(got, "\n") {
		if len(line) > Width {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	if !strings.Contains(got, "word more\n\nTerms:\n  term   word") || !strings.Contains(got, "\n         word") || !strings.Contains(got, "that goes on\n    deeper  x\n") || !strings.HasSuffix(got, "\n  cmd\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestRoff(t *testing.T) {
	if got := roff(`a-b\c'd`); got != `a\-b\ec\(aqd` {
		t.Errorf("escaped: %s", got)
	}
}

// Whatever is typed is understood, or refused as wrong usage.
func FuzzRead(f *testing.F) {
	for _, line := range []string{"--name hello --times 3", "count --loud", "help count", "-- -x", "--name=\x1b[2J", "--overlay=", "-", "---loud", "--loud=maybe"} {
		f.Add(strings.ReplaceAll(line, " ", "\n"))
	}
	p := program()
	f.Fuzz(func(t *testing.T, line string) {
		l, err := p.Read(strings.Split(line, "\n"))
		if err == nil && !l.Help {
			p.SetDefaults(&settings{}, l.Command)
			err = p.Apply(&settings{}, l.Command, l.Settings)
		}
		if err != nil && !errors.As(err, new(UsageError)) {
			t.Errorf("error %v is no usage error", err)
		}
	})
}
