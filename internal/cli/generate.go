package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Choices are the values that an option offers.
func (f *Flag[C]) Choices() []string {
	if f.Value == "" {
		return nil
	}
	var e ChoiceError
	errors.As(f.Set(new(C), ""), &e)
	values := slices.Clone(e.Values)
	for part := range strings.SplitSeq(f.Value, "|") { // PIN|none
		if part == strings.ToLower(part) && !f.optional() && !slices.Contains(values, part) {
			values = append(values, part)
		}
	}
	return values
}

// takesFile reports whether a value may be a file.
func (f *Flag[C]) takesFile() bool { return strings.Contains(f.Value, "FILE") }

// brief is the help in a few words, for a line of completion.
func (f *Flag[C]) brief() string {
	line, _, _ := strings.Cut(f.Help, "\n")
	line, _, _ = strings.Cut(line, ":")
	line, _, _ = strings.Cut(line, ";")
	first, _, _ := strings.Cut(line, ",")
	if slices.Contains(f.Choices(), first) { // the lines are about the values
		return f.Name
	}
	return strings.TrimSuffix(line, ",")
}

// WriteConfig prints a configuration file with all settings, after a heading. Only those of set are
// in force; what else is not said is as on the command line.
func (p *Program[C]) WriteConfig(w io.Writer, heading string, set map[string]string) error {
	var b strings.Builder
	b.WriteString(heading)
	group := ""
	for _, f := range p.Of("") {
		if slices.Contains(p.NotInFile, f.Name) {
			continue
		}
		if g := p.GroupOf(f.Name); g != group {
			group = g
			fmt.Fprintf(&b, "\n## %s\n", group)
		}
		b.WriteString("\n")
		for line := range strings.SplitSeq(strings.TrimSuffix(f.Help, "\n"), "\n") {
			for _, l := range Wrap(line, Width-2) {
				fmt.Fprintf(&b, "# %s\n", l)
			}
		}
		switch {
		case set[f.Name] != "":
			fmt.Fprintf(&b, "%s = %s\n", f.Name, set[f.Name])
		case f.IsSwitch():
			fmt.Fprintf(&b, "#%s\n", f.Name)
			if f.optional() {
				fmt.Fprintf(&b, "#%s = %s\n", f.Name, strings.Trim(f.Value, "[=]"))
			}
		case f.Default != "":
			fmt.Fprintf(&b, "#%s = %s\n", f.Name, f.Default)
		default:
			fmt.Fprintf(&b, "#%s = %s\n", f.Name, strings.TrimSuffix(f.Value, "|list"))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// roff escapes text for a manual page.
var roff = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "…", "...", "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace

// A Manual is what a manual page has beside the table.
type Manual struct {
	About, Version, Date string
	Verbatim             string      // lines as they are, under headings that end in a colon
	Sections             [][2]string // headings and paragraphs
}

// WriteManual prints the manual page.
func (p *Program[C]) WriteManual(w io.Writer, m Manual) error {
	var b strings.Builder
	// line writes text that does not begin a request.
	line := func(text string) {
		if text = roff(text); strings.HasPrefix(text, ".") {
			text = `\&` + text
		}
		b.WriteString(text + "\n")
	}
	name := roff(p.Name)
	fmt.Fprintf(&b, ".TH %s 1 %q \"%s %s\" \"User Commands\"\n.nh\n.ad l\n", strings.ToUpper(name), m.Date, p.Name, roff(m.Version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n", name, roff(m.About))
	for i, c := range p.Commands {
		if i > 0 {
			b.WriteString(".br\n")
		}
		fmt.Fprintf(&b, ".B %s\n.RI [ flags ]\n", roff(p.typed(c.Name)))
	}
	b.WriteString(".SH COMMANDS\n")
	for _, c := range p.Commands {
		fmt.Fprintf(&b, ".TP\n.B %s\n", roff(p.typed(c.Name)))
		line(c.Help)
	}
	b.WriteString(".SH OPTIONS\n")
	group := ""
	for _, f := range p.Flags {
		if f.Group != "" && f.Group != group {
			group = f.Group
			fmt.Fprintf(&b, ".SS %s\n", roff(group))
		}
		fmt.Fprintf(&b, ".TP\n.BR \\-\\-%s", roff(f.Name))
		if f.optional() {
			b.WriteString(` "` + roff(f.Value) + `"`)
		} else if f.Value != "" {
			b.WriteString(` " \fI` + roff(f.Value) + `\fR"`)
		}
		b.WriteString("\n")
		if only := slices.DeleteFunc(slices.Clone(f.Commands), func(c string) bool { return c == "" }); !slices.Contains(f.Commands, "") {
			line("For " + strings.Join(only, ", ") + ".")
			b.WriteString(".br\n")
		} else if len(only) > 0 {
			line("For " + strings.Join(only, ", ") + " too.")
			b.WriteString(".br\n")
		}
		help := strings.TrimSuffix(f.Help, "\n")
		for i, l := range strings.Split(help, "\n") {
			if i > 0 {
				b.WriteString(".br\n")
			}
			line(l)
		}
		if f.Default != "" {
			b.WriteString(".br\n")
			line("Default: " + f.Default + ".")
		}
	}
	paragraphs := false
	for l := range strings.SplitSeq(strings.TrimSpace(m.Verbatim), "\n") {
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
	if paragraphs {
		b.WriteString(".fi\n")
	}
	for _, s := range m.Sections {
		fmt.Fprintf(&b, ".SH %s\n", roff(strings.ToUpper(s[0])))
		line(s[1])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// shellFunction is the name of the completion's function.
func (p *Program[C]) shellFunction() string { return "_" + strings.ReplaceAll(p.Name, "-", "_") }

// quote quotes a word for a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// subCommands are the names of the commands that have one.
func (p *Program[C]) subCommands() (all []string) {
	for _, c := range p.Commands[1:] {
		all = append(all, c.Name)
	}
	return all
}

// WriteBash prints completion for bash, without the help of the package bash-completion. Bash takes
// = and : for words of their own.
func (p *Program[C]) WriteBash(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# bash completion for " + p.Name + "\n" + p.shellFunction() + `() {
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
	fmt.Fprintf(&b, "\t\t%s) command=${COMP_WORDS[1]} ;;\n\t\tesac\n\tfi\n\tcase $command:$prev in\n", strings.Join(p.subCommands(), "|"))
	for _, c := range p.Commands {
		for _, f := range p.Of(c.Name) {
			if f.Value == "" || f.optional() {
				continue
			}
			fmt.Fprintf(&b, "\t%s:--%s)\n", c.Name, f.Name)
			files := ""
			if f.takesFile() {
				files = "-f "
				b.WriteString("\t\tcompopt -o filenames\n")
			}
			if files != "" || f.Choices() != nil {
				fmt.Fprintf(&b, "\t\tCOMPREPLY=($(compgen %s-W %s -- \"$cur\"))\n", files, quote(strings.Join(f.Choices(), " ")))
			}
			if slices.ContainsFunc(f.Choices(), func(v string) bool { return strings.HasSuffix(v, ":") }) {
				b.WriteString("\t\tcompopt -o nospace\n")
			}
			b.WriteString("\t\treturn\n\t\t;;\n")
		}
	}
	b.WriteString("\tesac\n\tcase $command in\n")
	for _, c := range p.Commands {
		var words []string
		if c.Name == "" {
			words = p.subCommands()
		}
		for _, f := range p.Of(c.Name) {
			words = append(words, "--"+f.Name)
			if f.optional() {
				words = append(words, "--"+f.Name+strings.Trim(f.Value, "[]"))
			}
		}
		fmt.Fprintf(&b, "\t%s) COMPREPLY=($(compgen -W %s -- \"$cur\")) ;;\n", quote(c.Name), quote(strings.Join(words, " ")))
	}
	b.WriteString("\tesac\n\tif ((COMP_CWORD > 1)) && [[ ! $command ]]; then # a command comes first or not at all\n\t\tlocal word flags=()\n")
	b.WriteString("\t\tfor word in \"${COMPREPLY[@]}\"; do\n\t\t\t[[ $word == -* ]] && flags+=(\"$word\")\n\t\tdone\n\t\tCOMPREPLY=(\"${flags[@]}\")\n\tfi\n}\n")
	fmt.Fprintf(&b, "complete -F %s %s\n", p.shellFunction(), p.Name)
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteZsh prints completion for zsh.
func (p *Program[C]) WriteZsh(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "#compdef %s\n# zsh completion for %[1]s\n\n", p.Name)
	escape := strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, ":", `\:`).Replace
	specs := func(command string) {
		for _, f := range p.Of(command) {
			help := "[" + escape(f.brief()) + "]"
			var spec string
			values := strings.Join(f.Choices(), " ")
			switch {
			case f.Value == "":
				spec = "--" + f.Name + help
			case f.optional():
				spec = fmt.Sprintf("--%s=-%s::%s:(%s)", f.Name, help, escape(f.Name), strings.Trim(f.Value, "[=]"))
			case f.Name == "display" && strings.Contains(values, ":"): // png:FILE
				spec = fmt.Sprintf("--%s=%s:%s:{if compset -P \"*:\"; then _files; else compadd -S \"\" -- %s; fi}", f.Name, help, escape(f.Value), values)
			case f.takesFile() && values != "":
				spec = fmt.Sprintf("--%s=%s:%s:{compadd -- %s; _files}", f.Name, help, escape(f.Value), values)
			case f.takesFile():
				spec = fmt.Sprintf("--%s=%s:%s:_files", f.Name, help, escape(f.Value))
			default:
				spec = fmt.Sprintf("--%s=%s:%s:(%s)", f.Name, help, escape(f.Value), values)
			}
			fmt.Fprintf(&b, " \\\n\t\t%s", quote(spec))
		}
		b.WriteString("\n")
	}
	b.WriteString("if ((CURRENT > 2)); then\n\tcase $words[2] in\n")
	for _, c := range p.Commands[1:] {
		fmt.Fprintf(&b, "\t%s)\n\t\tshift words\n\t\t((CURRENT--))\n\t\t_arguments", c.Name)
		specs(c.Name)
		b.WriteString("\t\treturn\n\t\t;;\n")
	}
	b.WriteString("\tesac\nfi\n")
	var list []string
	for _, c := range p.Commands[1:] {
		list = append(list, c.Name+`\:"`+escape(c.Help)+`"`)
	}
	fmt.Fprintf(&b, "_arguments %s", quote("1::command:(("+strings.Join(list, " ")+"))"))
	specs("")
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteFish prints completion for fish.
func (p *Program[C]) WriteFish(w io.Writer) error {
	var b strings.Builder
	all := strings.Join(p.subCommands(), " ")
	fmt.Fprintf(&b, "# fish completion for %s\ncomplete -c %[1]s -f\n", p.Name)
	for _, c := range p.Commands[1:] {
		fmt.Fprintf(&b, "complete -c %s -n __fish_is_first_token -a %s -d %s\n", p.Name, c.Name, quote(c.Help))
	}
	for _, c := range p.Commands {
		when := "__fish_seen_subcommand_from " + c.Name
		if c.Name == "" {
			when = "not __fish_seen_subcommand_from " + all
		}
		for _, f := range p.Of(c.Name) {
			fmt.Fprintf(&b, "complete -c %s -n %s -l %s -d %s", p.Name, quote(when), f.Name, quote(f.brief()))
			switch {
			case f.Value == "" || f.optional():
			case f.takesFile():
				b.WriteString(" -r -F")
			default:
				b.WriteString(" -x")
			}
			if values := f.Choices(); values != nil {
				fmt.Fprintf(&b, " -a %s", quote(strings.Join(values, " ")))
			}
			b.WriteString("\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// GroupOf is the heading that a flag stands under.
func (p *Program[C]) GroupOf(name string) (group string) {
	for _, f := range p.Flags {
		if f.Group != "" {
			group = f.Group
		}
		if f.Name == name {
			break
		}
	}
	return group
}

// Quoted returns a word as a shell takes it.
func Quoted(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_./:@%+=,-", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return quote(s)
}
