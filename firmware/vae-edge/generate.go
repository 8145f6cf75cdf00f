package main

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/firmware/diagnose"
)

// generators make the texts of --generate, all of them from the table of flags.
func generators() map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"man": writeMan, "bash": writeBash, "zsh": writeZsh, "fish": writeFish, "config": writeConfigFile,
	}
}

// choices are the values that an option offers.
func (o *option) choices() []string {
	if o.value == "" {
		return nil
	}
	var e choiceError
	errors.As(o.set(&config{}, ""), &e)
	values := slices.Clone(e.values)
	for part := range strings.SplitSeq(o.value, "|") { // PIN|none
		if part == strings.ToLower(part) && !o.optional() && !slices.Contains(values, part) {
			values = append(values, part)
		}
	}
	return values
}

// takesFile reports whether a value may be a file.
func (o *option) takesFile() bool { return strings.Contains(o.value, "FILE") }

// brief is the help in a few words, for a line of completion.
func (o *option) brief() string {
	line, _, _ := strings.Cut(o.help, "\n")
	line, _, _ = strings.Cut(line, ":")
	line, _, _ = strings.Cut(line, ";")
	first, _, _ := strings.Cut(line, ",")
	if slices.Contains(o.choices(), first) { // the lines are about the values
		return o.name
	}
	return strings.TrimSuffix(line, ",")
}

// optionsOf returns the options of a command.
func optionsOf(command string) []option {
	return slices.DeleteFunc(options(), func(o option) bool { return !slices.Contains(o.commands, command) })
}

// writeConfigFile prints a configuration file with all settings. Only the display is set, to the
// panel: what else is not said is as on the command line.
func writeConfigFile(w io.Writer) error {
	var b strings.Builder
	b.WriteString(`# The configuration of vae-edge: the flags of the command line without their dashes, a line each. What follows # is a comment; a line
# that begins with a name is in force. vae-edge --config FILE reads the file, and so do vae-edge probe, bench and info.
`)
	group := ""
	for _, o := range optionsOf("") {
		if slices.Contains(notInFile, o.name) {
			continue
		}
		if g := groupOf(o.name); g != group {
			group = g
			fmt.Fprintf(&b, "\n## %s\n", group)
		}
		b.WriteString("\n")
		for line := range strings.SplitSeq(strings.TrimSuffix(o.help, "\n"), "\n") {
			fmt.Fprintf(&b, "# %s\n", line)
		}
		switch {
		case o.name == "display":
			b.WriteString("display = spi0\n")
		case o.isSwitch():
			fmt.Fprintf(&b, "#%s\n", o.name)
			if o.optional() {
				fmt.Fprintf(&b, "#%s = %s\n", o.name, strings.Trim(o.value, "[=]"))
			}
		case o.standard != "":
			fmt.Fprintf(&b, "#%s = %s\n", o.name, o.standard)
		default:
			fmt.Fprintf(&b, "#%s = %s\n", o.name, o.value)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// roff escapes text for a manual page.
var roff = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "…", "...", "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace

// writeMan prints the manual page.
func writeMan(w io.Writer) error {
	var b strings.Builder
	// line writes text that does not begin a request.
	line := func(text string) {
		if text = roff(text); strings.HasPrefix(text, ".") {
			text = `\&` + text
		}
		b.WriteString(text + "\n")
	}
	date := "" // of the commit
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.time" && len(s.Value) > 10 {
				date = s.Value[:10]
			}
		}
	}
	version, _ := diagnose.Build()
	fmt.Fprintf(&b, ".TH VAE\\-EDGE 1 %q \"vae-edge %s\" \"User Commands\"\n.nh\n.ad l\n", date, roff(version))
	b.WriteString(".SH NAME\nvae\\-edge \\- digits that a variational autoencoder draws, on an SPI panel, in a terminal or in a file\n.SH SYNOPSIS\n")
	for i, c := range commands {
		if i > 0 {
			b.WriteString(".br\n")
		}
		fmt.Fprintf(&b, ".B vae\\-edge")
		if c.name != "" {
			fmt.Fprintf(&b, " %s", c.name)
		}
		b.WriteString("\n.RI [ flags ]\n")
	}
	b.WriteString(".SH COMMANDS\n")
	for _, c := range commands {
		b.WriteString(".TP\n.B vae\\-edge")
		if c.name != "" {
			b.WriteString(" " + c.name)
		}
		b.WriteString("\n")
		line(c.help)
	}
	b.WriteString(".SH OPTIONS\n")
	group := ""
	for _, o := range options() {
		if o.group != "" && o.group != group {
			group = o.group
			fmt.Fprintf(&b, ".SS %s\n", roff(group))
		}
		fmt.Fprintf(&b, ".TP\n.BR \\-\\-%s", roff(o.name))
		if o.optional() {
			b.WriteString(` "` + roff(o.value) + `"`)
		} else if o.value != "" {
			b.WriteString(` " \fI` + roff(o.value) + `\fR"`)
		}
		b.WriteString("\n")
		if only := slices.DeleteFunc(slices.Clone(o.commands), func(c string) bool { return c == "" }); !slices.Contains(o.commands, "") {
			line("For " + strings.Join(only, ", ") + ".")
			b.WriteString(".br\n")
		} else if len(only) > 0 {
			line("For " + strings.Join(only, ", ") + " too.")
			b.WriteString(".br\n")
		}
		help := strings.TrimSuffix(o.help, "\n")
		for i, l := range strings.Split(help, "\n") {
			if i > 0 {
				b.WriteString(".br\n")
			}
			line(l)
		}
		if o.standard != "" {
			b.WriteString(".br\n")
			line("Default: " + o.standard + ".")
		}
	}
	paragraphs := false
	for l := range strings.SplitSeq(strings.TrimSpace(examples), "\n") {
		heading, ok := strings.CutSuffix(l, ":")
		switch {
		case ok && !strings.HasPrefix(l, " "):
			if paragraphs {
				b.WriteString(".fi\n")
			}
			fmt.Fprintf(&b, ".SH %s\n.nf\n", roff(strings.ToUpper(heading)))
			paragraphs = true
		case l != "":
			line(strings.TrimPrefix(l, "  "))
		}
	}
	b.WriteString(".fi\n.SH SIGNALS\n")
	line(strings.TrimPrefix(strings.TrimSpace(signals), "Signals: "))
	b.WriteString(".SH ENVIRONMENT\n")
	line(strings.TrimSpace(environment))
	b.WriteString(".SH FILES\n.TP\n.I /etc/vae\\-edge/vae\\-edge.conf\nThe configuration of the service. Each line is a flag without its dashes, =, and its value.\n")
	b.WriteString(".SH EXIT STATUS\n0: done, or ended by a signal. 1: failed. 2: wrong usage.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// quote quotes a word for a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// subCommands are the names of the commands that have one.
func subCommands() (all []string) {
	for _, c := range commands[1:] {
		all = append(all, c.name)
	}
	return all
}

// writeBash prints completion for bash, without the help of the package bash-completion. Bash takes = and : for words of their own.
func writeBash(w io.Writer) error {
	var b strings.Builder
	b.WriteString(`# bash completion for vae-edge
_vae_edge() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	if [[ $cur == : || $prev == : ]]; then # png:FILE
		compopt -o filenames
		COMPREPLY=($(compgen -f -- "${cur#:}"))
		return
	fi
	if ((COMP_CWORD > 1)); then
		case ${COMP_WORDS[1]} in
`)
	fmt.Fprintf(&b, "\t\t%s) command=${COMP_WORDS[1]} ;;\n\t\tesac\n\tfi\n\tcase $command:$prev in\n", strings.Join(subCommands(), "|"))
	for _, c := range commands {
		for _, o := range optionsOf(c.name) {
			if o.value == "" || o.optional() {
				continue
			}
			fmt.Fprintf(&b, "\t%s:--%s)\n", c.name, o.name)
			files := ""
			if o.takesFile() {
				files = "-f "
				b.WriteString("\t\tcompopt -o filenames\n")
			}
			if files != "" || o.choices() != nil {
				fmt.Fprintf(&b, "\t\tCOMPREPLY=($(compgen %s-W %s -- \"$cur\"))\n", files, quote(strings.Join(o.choices(), " ")))
			}
			if slices.ContainsFunc(o.choices(), func(v string) bool { return strings.HasSuffix(v, ":") }) {
				b.WriteString("\t\tcompopt -o nospace\n")
			}
			b.WriteString("\t\treturn\n\t\t;;\n")
		}
	}
	b.WriteString("\tesac\n\tcase $command in\n")
	for _, c := range commands {
		var words []string
		if c.name == "" {
			words = subCommands()
		}
		for _, o := range optionsOf(c.name) {
			words = append(words, "--"+o.name)
			if o.optional() {
				words = append(words, "--"+o.name+strings.Trim(o.value, "[]"))
			}
		}
		fmt.Fprintf(&b, "\t%s) COMPREPLY=($(compgen -W %s -- \"$cur\")) ;;\n", quote(c.name), quote(strings.Join(words, " ")))
	}
	b.WriteString("\tesac\n\tif ((COMP_CWORD > 1)) && [[ ! $command ]]; then # a command comes first or not at all\n\t\tlocal word flags=()\n")
	b.WriteString("\t\tfor word in \"${COMPREPLY[@]}\"; do\n\t\t\t[[ $word == -* ]] && flags+=(\"$word\")\n\t\tdone\n\t\tCOMPREPLY=(\"${flags[@]}\")\n\tfi\n}\ncomplete -F _vae_edge vae-edge\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// writeZsh prints completion for zsh.
func writeZsh(w io.Writer) error {
	var b strings.Builder
	b.WriteString("#compdef vae-edge\n# zsh completion for vae-edge\n\n")
	escape := strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, ":", `\:`).Replace
	specs := func(command string) {
		for _, o := range optionsOf(command) {
			help := "[" + escape(o.brief()) + "]"
			var spec string
			values := strings.Join(o.choices(), " ")
			switch {
			case o.value == "":
				spec = "--" + o.name + help
			case o.optional():
				spec = fmt.Sprintf("--%s=-%s::%s:(%s)", o.name, help, escape(o.name), strings.Trim(o.value, "[=]"))
			case o.name == "display" && strings.Contains(values, ":"): // png:FILE
				spec = fmt.Sprintf("--%s=%s:%s:{if compset -P \"*:\"; then _files; else compadd -S \"\" -- %s; fi}", o.name, help, escape(o.value), values)
			case o.takesFile() && values != "":
				spec = fmt.Sprintf("--%s=%s:%s:{compadd -- %s; _files}", o.name, help, escape(o.value), values)
			case o.takesFile():
				spec = fmt.Sprintf("--%s=%s:%s:_files", o.name, help, escape(o.value))
			default:
				spec = fmt.Sprintf("--%s=%s:%s:(%s)", o.name, help, escape(o.value), values)
			}
			fmt.Fprintf(&b, " \\\n\t\t%s", quote(spec))
		}
		b.WriteString("\n")
	}
	b.WriteString("if ((CURRENT > 2)); then\n\tcase $words[2] in\n")
	for _, c := range commands[1:] {
		fmt.Fprintf(&b, "\t%s)\n\t\tshift words\n\t\t((CURRENT--))\n\t\t_arguments", c.name)
		specs(c.name)
		b.WriteString("\t\treturn\n\t\t;;\n")
	}
	b.WriteString("\tesac\nfi\n")
	var list []string
	for _, c := range commands[1:] {
		list = append(list, c.name+`\:"`+escape(c.help)+`"`)
	}
	fmt.Fprintf(&b, "_arguments %s", quote("1::command:(("+strings.Join(list, " ")+"))"))
	specs("")
	_, err := io.WriteString(w, b.String())
	return err
}

// writeFish prints completion for fish.
func writeFish(w io.Writer) error {
	var b strings.Builder
	all := strings.Join(subCommands(), " ")
	b.WriteString("# fish completion for vae-edge\ncomplete -c vae-edge -f\n")
	for _, c := range commands[1:] {
		fmt.Fprintf(&b, "complete -c vae-edge -n __fish_is_first_token -a %s -d %s\n", c.name, quote(c.help))
	}
	for _, c := range commands {
		when := "__fish_seen_subcommand_from " + c.name
		if c.name == "" {
			when = "not __fish_seen_subcommand_from " + all
		}
		for _, o := range optionsOf(c.name) {
			fmt.Fprintf(&b, "complete -c vae-edge -n %s -l %s -d %s", quote(when), o.name, quote(o.brief()))
			switch {
			case o.value == "" || o.optional():
			case o.takesFile():
				b.WriteString(" -r -F")
			default:
				b.WriteString(" -x")
			}
			if values := o.choices(); values != nil {
				fmt.Fprintf(&b, " -a %s", quote(strings.Join(values, " ")))
			}
			b.WriteString("\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
