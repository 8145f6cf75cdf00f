package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/model"
)

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "vae-edge.conf")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// same compares what two command lines ask for, apart from the configuration file. Functions cannot
// be compared, but names can.
func same(a, b *config) bool {
	x, y := *a, *b
	x.file, y.file = "", ""
	if x.play.Palette.Name != y.play.Palette.Name || x.panel.Name != y.panel.Name {
		return false
	}
	x.play.Palette, x.panel = scene.Palette{}, panel.Panel{}
	y.play.Palette, y.panel = x.play.Palette, x.panel
	// The path that is said and the same one by default are one.
	x.play.Path, y.play.Path = cmp.Or(x.play.Path, model.DefaultPath), cmp.Or(y.play.Path, model.DefaultPath)
	return reflect.DeepEqual(x, y)
}

// TestConfig: a configuration file and the command line together ask for what another command line
// does.
func TestConfig(t *testing.T) {
	for _, c := range []struct{ file, args, same string }{
		{"", "", ""},
		{"# nothing\n\n   # at all", "--seed 4", "--seed 4"},
		{"seed = 7\nscene=manifold", "", "--seed 7 --scene manifold"},
		{"seed = 7", "--seed 4", "--seed 4"},
		{"\ufeffseed=7\r\nframes = 3\r\n", "", "--seed 7 --frames 3"},
		{"stats", "", "--stats"},
		{"stats = overlay", "", "--stats=overlay"},
		{"stats = false", "", ""},
		{"stats", "--stats=false", ""},
		{"display = spi0\nboard = pirate-audio\ngive-up = 5m", "", "--board pirate-audio --give-up 5m"},
		{"display = spi0\nkeys = up=6,down=19 ", "", "--display spi0 --keys up=6,down=19"},
		// The command line names another panel, or none.
		{"display = spi0.1\nboard = pirate-audio\nseed = 7", "--board waveshare-1.3", "--board waveshare-1.3 --seed 7"},
		{"display = term\nsize = 8x8", "--display none", "--display none --size 8x8"},
		{"board = pirate-audio\nhz = 10M\nseed = 7", "--display none", "--display none --seed 7"},
		{"panel = st7735-80x160\ndc = 5", "--dc 6", "--panel st7735-80x160 --dc 6"},
		// A size is the panel's, or a picture's.
		{"panel = st7789\nsize = 76x284\ninvert = off\noffset = 80,10\ncolor-order = bgr", "", "--panel st7789 --size 76x284 --invert off --offset 80,10 --color-order bgr"},
		{"panel = st7789\nsize = 76x284", "--display none", "--display none"},
		{"display = spi0\nsize = 76x284", "--board waveshare-1.3", "--board waveshare-1.3"},
		{"size = 76x284", "--board waveshare-1.3", "--board waveshare-1.3"},
		{"size = 76x284", "bench", "bench"},
		{"size = 76x284\nboard = waveshare-1.3", "probe", "probe --board waveshare-1.3 --size 76x284"},
		// It is about another scene.
		{"scene = clock\ntime-zone = UTC\nseed = 7", "--digit 7", "--digit 7 --seed 7"},
		{"scene = clock\ntime-zone = UTC\nseconds", "--scene walk", "--scene walk"},
		{"scene = clock\ntime-zone = UTC\nseconds", "--hours 12", "--hours 12 --seconds --time-zone UTC"},
		{"seconds = false\nscene = walk", "", "--scene walk"},
		{"", "--scene walk --seconds=false", "--scene walk"},
		// Other commands take what is for them.
		{"scene = manifold\nboard = pirate-audio", "probe", "probe --board pirate-audio"},
		{"display = png:a.png\nseed = 3\nmodel = mnist-16", "probe", "probe --model mnist-16"},
		{"display = spi0\nboard = pirate-audio", "bench", "bench --display spi0 --board pirate-audio"},
		{"board = pirate-audio", "bench --json", "bench --json --board pirate-audio"},
		{"display = term\nboard = waveshare-1.3", "bench --display none", "bench"},
	} {
		args := append(strings.Fields(c.args), "--config", writeConfig(t, c.file))
		got, err := parse(args)
		if err != nil {
			t.Errorf("%q and %q: %v", c.file, c.args, err)
			continue
		}
		want, err := parse(strings.Fields(c.same))
		if err != nil {
			t.Fatalf("%q: %v", c.same, err)
		}
		if !same(got, want) {
			t.Errorf("%q and %q\n%+v\nwant %q\n%+v", c.file, c.args, got, c.same, want)
		}
	}
}

// TestConfigErrors: errors name the file, the line, what is wrong there and the cure.
func TestConfigErrors(t *testing.T) {
	for _, c := range []struct{ file, args, want string }{
		{"seed = 1\n\nboard = hat", "", `FILE:3: board = hat: there is waveshare-1.3, `},
		{"sceen = walk", "", `FILE:1: "sceen" is not a setting; did you mean scene? vae-edge --generate config prints all there are`},
		{"qwertz = walk", "", `FILE:1: "qwertz" is not a setting; vae-edge --generate config prints all there are`},
		{"board waveshare-1.3", "", `FILE:1: "board waveshare-1.3" is not a setting; did you mean board = waveshare-1.3? `},
		{"--board = waveshare-1.3", "", `FILE:1: "--board" is not a setting; did you mean board? `},
		{"seconds = yes", "", `FILE:1: seconds = yes: a switch has no value: write seconds alone, or leave the line out`},
		{"version", "", `FILE:1: "version" is not a setting; `},
		{"config = other", "", `FILE:1: "config" is not a setting; `},
		{"= 4", "", `FILE:1: "" is not a setting; `},
		{"[panel]", "", `FILE:1: "[panel]" is not a setting; `},
		{"scene", "", `FILE:1: a value is missing: write scene = NAME`},
		{"scene =", "", `FILE:1: scene = "": there is walk, `},
		{"scene = walk # quiet", "", `FILE:1: scene = walk # quiet: there is walk, `},
		{"seed = \x00", "", `FILE:1: seed = "\x00": want a whole number`},
		{"seed = 1\nfps = 2\nseed = 3", "", `FILE:3: seed is in line 1 already; leave one of them out`},
		{"stats = perhaps", "", `FILE:1: stats = perhaps: there is --stats and --stats=overlay`},
		{"panel = list", "", `FILE:1: panel = list is for the command line`},
		{"fps = 0", "verify", `unknown flag --config: it is of vae-edge; `},
		{"fps = 0", "probe", `FILE:1: fps = 0: want a whole number`}, // though it takes none
		{"seed = 1\nsize = 8x8", "--display term", `--size does not go with --display term, which has a size of its own (FILE:2 has size)`},
		{"display = term\nsize = 8x8", "", `which has a size of its own (FILE:1 has display, FILE:2 has size)`},
		{"board = waveshare-1.3", "--display spi1", `leave --display out, or say --panel st7789-240x240 and the pins in place of --board (FILE:1 has board)`},
		{"display = none\ndc = 25", "", `--dc is for panels: leave it out, or say --display spi0 in place of none (FILE:1 has display, FILE:2 has dc)`},
		{"#" + strings.Repeat("x", cli.MaxConfig), "", `FILE: 65537 bytes are too many, the most is 65536`},
	} {
		name := writeConfig(t, c.file)
		_, err := parse(append(strings.Fields(c.args), "--config", name))
		if err == nil || !errors.As(err, new(cli.UsageError)) {
			t.Errorf("%.40q: error %v, want one of usage", c.file, err)
			continue
		}
		if got := strings.ReplaceAll(err.Error(), name, "FILE"); !strings.Contains(got, c.want) {
			t.Errorf("%.40q %s:\n%s\nwant\n%s", c.file, c.args, got, c.want)
		}
	}
	missing := filepath.Join(t.TempDir(), "none.conf")
	if _, err := parse([]string{"--config", missing}); !errors.Is(err, os.ErrNotExist) || errors.As(err, new(cli.UsageError)) {
		t.Errorf("error %v: a file that is not there may come later, so it is no matter of usage", err)
	}
}

func TestMentions(t *testing.T) {
	for text, want := range map[string]bool{"--mode 3": true, "--model x": false, "--model, --mode": true, "--mode-x": false, "--mode": true, "mode": false} {
		if got := mentions(text, "--mode"); got != want {
			t.Errorf("%q mentions --mode: %v", text, got)
		}
	}
}

// FuzzConfig: any file is a list of settings or refused with the number of a line that it has; the
// settings, written again, are the same.
func FuzzConfig(f *testing.F) {
	f.Add([]byte("# a board\nboard = pirate-audio\nstats\n"))
	f.Add([]byte("\ufeffkeys = up=6,turn=17/18\r\nscene =\tmanifold\r\n"))
	f.Add([]byte("model = a\x00b\nfps = 99999999999999999999"))
	f.Add([]byte("model \x00b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := table().ParseConfig(data)
		if err != nil {
			var line int
			if _, scan := fmt.Sscanf(err.Error(), "%d:", &line); scan != nil || line < 1 || line > strings.Count(string(data), "\n")+1 {
				t.Fatalf("%v: no line of the file", err)
			}
			if strings.ContainsAny(err.Error(), "\n\x00\x1b") {
				t.Fatalf("%q spoils the line", err)
			}
			return
		}
		var again strings.Builder
		for i, s := range all {
			fmt.Fprintf(&again, "%s=%s\n", s.Name, s.Value)
			all[i].Line = i + 1
		}
		if got, err := table().ParseConfig([]byte(again.String())); err != nil || !reflect.DeepEqual(got, all) {
			t.Fatalf("%q\nis %+v, %v\nwant %+v", again.String(), got, err, all)
		}
	})
}

// TestGeneratedConfig: the configuration file that is generated asks for what was given with it,
// and for nothing else, even with every line that has a default taken in. It has every setting.
func TestGeneratedConfig(t *testing.T) {
	for _, given := range []string{"", "--display spi0", "--board pirate-audio --stats=overlay --seconds --scene clock"} {
		c, err := parse(append(strings.Fields(given), "--generate", "config"))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := generators(c.given)["config"](&b); err != nil {
			t.Fatal(err)
		}
		checkConfig(t, b.String(), given)
	}
}

func checkConfig(t *testing.T, text, given string) {
	want, err := parse(strings.Fields(given))
	if err != nil {
		t.Fatal(err)
	}
	got, err := parse([]string{"--config", writeConfig(t, text)})
	if err != nil || !same(got, want) {
		t.Errorf("%s as it is: %v, %+v", given, err, got)
	}
	var all []string
	seen := map[string]bool{}
	for line := range strings.SplitSeq(text, "\n") {
		name, _, valued := strings.Cut(strings.TrimPrefix(line, "#"), " = ")
		o := table().Find("", name)
		if o == nil || !valued && o.Value != "" {
			continue
		}
		seen[name] = true
		panels := name == "display" || table().GroupOf(name) == panelGroup
		// Panels have no size, and what is no panel has no settings of one
		if o.Default != "" && name != "size" && (!panels || (given != "") == (name != "display")) {
			line = strings.TrimPrefix(line, "#")
		}
		all = append(all, line)
	}
	got, err = parse([]string{"--config", writeConfig(t, strings.Join(all, "\n"))})
	if err != nil || !same(got, want) {
		t.Errorf("%s with the defaults: %v, %+v", given, err, got)
	}
	if got != nil && got.giveUp != 30*time.Second {
		t.Errorf("--give-up is %v", got.giveUp)
	}
	for _, o := range table().Flags {
		if o.Commands[0] == "" && !seen[o.Name] && !slices.Contains(table().NotInFile, o.Name) {
			t.Errorf("%s is not there", o.Name)
		}
	}
	if board := panel.Boards[0].Name; !strings.Contains(text, board) {
		t.Errorf("no board %s", board)
	}
}
