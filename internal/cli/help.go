package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Width is the number of columns of help texts.
const Width = 80

// help is where the text of a flag begins.
const helpColumn = 23

// PrintHelp prints the help of a command; that of the command without a name lists the others.
func (p *Program[C]) PrintHelp(w io.Writer, name string) error {
	var b strings.Builder
	c := p.command(name)
	if name == "" && len(p.Commands) > 1 {
		if c != nil && c.Text != "" {
			b.WriteString(Reflow(c.Text) + "\n")
		}
		b.WriteString("Usage:\n")
		for _, c := range p.Commands {
			line := p.typed(c.Name) + " [flags]"
			if c.Operands != "" {
				line += " " + c.Operands
			}
			fmt.Fprintf(&b, "  %s\n", line)
			for _, l := range Wrap(c.Help, Width-6) {
				fmt.Fprintf(&b, "      %s\n", l)
			}
		}
	} else if c != nil {
		line := p.typed(c.Name) + " [flags]"
		if c.Operands != "" {
			line += " " + c.Operands
		}
		text := c.Text
		if text == "" && c.Help != "" {
			text = strings.ToUpper(c.Help[:1]) + c.Help[1:] + "."
		}
		fmt.Fprintf(&b, "Usage: %s\n\n%s", line, Reflow(text))
	}
	group, last := "", ""
	for _, f := range p.Flags {
		if f.Group != "" {
			group = f.Group
		}
		if !slices.Contains(f.Commands, name) {
			continue
		}
		heading := group
		if name != "" || heading == "" {
			heading = "Flags"
		}
		if heading != last {
			fmt.Fprintf(&b, "\n%s:\n", heading)
			last = heading
		}
		f.printHelp(&b)
	}
	if tail := p.Tail[name]; tail != "" {
		b.WriteString("\n" + Reflow(tail))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printHelp prints a flag: its name and value, then the text in a column of its own.
func (f *Flag[C]) printHelp(b *strings.Builder) {
	left := "  " + strings.TrimSpace("--"+f.Name+" "+f.Value)
	if f.optional() {
		left = "  --" + f.Name + f.Value
	}
	for i, line := range f.lines() {
		if i == 0 && len(left)+1 >= helpColumn {
			b.WriteString(left + "\n")
			left = ""
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-*s%s", helpColumn, left, line), " ") + "\n")
		left = ""
	}
}

// lines are the help with the default value, in lines that fit.
func (f *Flag[C]) lines() []string {
	help := f.Help
	if f.Default != "" {
		if !strings.HasSuffix(help, "\n") {
			help += " "
		}
		help += "(default " + f.Default + ")"
	}
	var all []string
	for line := range strings.SplitSeq(strings.TrimRight(help, "\n"), "\n") {
		all = append(all, Wrap(line, Width-helpColumn)...)
	}
	return all
}

// Reflow breaks paragraphs into lines that fit. An indented line stays as it is, but for the text
// after a term, which has a column of its own: two spaces or more before it, and as many before the
// lines that go on.
func Reflow(text string) string {
	var b strings.Builder
	for i, paragraph := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			b.WriteString("\n")
		}
		lines := strings.Split(paragraph, "\n")
		for len(lines) > 0 {
			head, column := term(lines[0])
			run := []string{lines[0][len(head):]}
			for lines = lines[1:]; len(lines) > 0 && indent(lines[0]) == column && (column > 0 || head == ""); lines = lines[1:] {
				run = append(run, lines[0])
			}
			if head != "" && column == 0 { // no term: as it is
				b.WriteString(head + "\n")
				continue
			}
			for _, l := range Wrap(strings.Join(run, " "), Width-column) {
				b.WriteString(fmt.Sprintf("%-*s", column, head) + l + "\n")
				head = ""
			}
		}
	}
	return b.String()
}

// deep is an indentation from which on a line is the text of a term above it.
const deep = 12

// term splits an indented line: what stands before its text and the column that this begins in. A
// line without a term has column 0 and is all head; one that is not indented is all text.
func term(line string) (head string, column int) {
	n := indent(line)
	if n == 0 {
		return "", 0
	}
	gap := strings.Index(line[n:], "  ")
	switch {
	case gap < 0 && n >= deep:
		return line[:n], n
	case gap < 0:
		return line, 0
	}
	column = n + gap
	for line[column] == ' ' {
		column++
	}
	return line[:column], column
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// Wrap breaks text into lines of at most so many characters where it can.
func Wrap(text string, width int) (lines []string) {
	for word := range strings.FieldsSeq(text) {
		last := len(lines) - 1
		if last >= 0 && len([]rune(lines[last]))+1+len([]rune(word)) <= width {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
