package main

import (
	"io"
	"strings"

	"github.com/vae-edge/vae-edge/internal/build"
	"github.com/vae-edge/vae-edge/internal/cli"
)

// generators make the texts of --generate, all of them from the table of flags. The configuration
// file takes over what else the command line says.
func generators(given []cli.Setting) map[string]func(io.Writer) error {
	t := table()
	return map[string]func(io.Writer) error{
		"man": writeManual, "bash": t.WriteBash, "zsh": t.WriteZsh, "fish": t.WriteFish,
		"config": func(w io.Writer) error { return writeConfigFile(w, given) },
	}
}

// writeConfigFile prints a configuration file in which what is given is in force.
func writeConfigFile(w io.Writer, given []cli.Setting) error {
	set := map[string]string{}
	for _, s := range given {
		// It would be read otherwise
		if strings.Contains(s.Value, "\n") || strings.TrimSpace(s.Value) != s.Value {
			return cli.Usagef("--%s %q: a value of a configuration file has no line breaks, and no blanks around it", s.Name, s.Value)
		}
		set[s.Name] = s.Value
	}
	return table().WriteConfig(w, `# The configuration of vae-edge: the flags of the command line without their
# dashes, a line each. What follows # is a comment; a line that begins with a
# name is in force. vae-edge --config FILE reads the file, and so do vae-edge
# probe, bench and info.
#
# On a board say "board = NAME" or, for a panel on wires, "display = spi0" and
# the pins. Where neither is said, scenes are shown in the terminal.
`, set)
}

func writeManual(w io.Writer) error {
	m := cli.Manual{
		About:    "digits that a variational autoencoder draws, on an SPI panel, in a terminal or in a file",
		Verbatim: examples,
		Sections: [][2]string{
			{"Signals", strings.TrimPrefix(strings.TrimSpace(signals), "Signals: ")}, {"Environment", strings.TrimSpace(environment)},
			{"Files", "/etc/vae-edge/vae-edge.conf: the configuration of the service. Each line is a flag without its dashes, =, and its value."},
			{"Exit status", "0: done, or ended by a signal. 1: failed. 2: wrong usage."},
		},
	}
	m.Version, _, m.Date = build.Info()
	return table().WriteManual(w, m)
}
