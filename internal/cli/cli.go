// Package cli is the command line of this module's programs: one table of commands and flags, of
// which everything is made that has to do with them. It reads command lines and configuration
// files, prints help, manual pages and the completion of shells, and says what was meant by what is
// misspelt.
//
// A program's own package has the table, and a struct that its flags set. What flags mean together
// is for the program to check. Libraries that do the same link package net, which the board's
// program must not.
package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Program is a table of commands and flags. C is the struct that flags set.
type Program[C any] struct {
	Name     string // as it is typed, such as "go run ./trainer"
	Commands []Command
	Flags    []Flag[C]
	// Meant are words that people type for a command that there is not, with what they should. FILE
	// in it stands for the word that follows, if one does.
	Meant map[string]string
	// Stray names the flag that a word looks like a value of, "" where it looks like none's. It may
	// be nil.
	Stray func(word string) string
	// Tail is what the help of a command ends with, by its name: headings and indented lines.
	Tail map[string]string
	// NotInFile are the flags that a configuration file cannot have: they do not say how anything
	// is done.
	NotInFile []string
	// LineOnly reports whether a value that was set is for the command line alone. It may be nil.
	LineOnly func(c *C) bool
}

// A Command is one of the things that a program can be told to do.
type Command struct {
	Name     string // empty: what the program does where no command is named
	Alias    string // another name that it goes by
	Help     string // a line
	Text     string // paragraphs for its own help, after the usage
	Operands string // what stands beside flags, such as "FILE..."; empty: nothing may
}

// A Flag is a row of the table.
type Flag[C any] struct {
	Group string // the heading in the help; that of the row before where it is empty
	Name  string
	// Value is what its value is called in the help; none for a switch, in brackets where it may be
	// left out
	Value    string
	Help     string // the default value is appended; a line that ends in a line break stays one
	Default  string // as it would be typed
	Commands []string
	// Set sets the value. Its error says what it wants, with a ChoiceError if that is one of a few
	// things
	Set func(c *C, value string) error
}

// optional reports whether the value may be left out.
func (f *Flag[C]) optional() bool { return strings.HasPrefix(f.Value, "[") }

// IsSwitch reports whether the flag may stand without a value.
func (f *Flag[C]) IsSwitch() bool { return f.Value == "" || f.optional() }

// A UsageError is a command line that makes no sense.
type UsageError struct{ error }

// Unwrap returns the error that says why.
func (e UsageError) Unwrap() error { return e.error }

// Usage makes a UsageError of an error.
func Usage(err error) UsageError { return UsageError{err} }

// Usagef returns a UsageError.
func Usagef(format string, args ...any) error { return UsageError{fmt.Errorf(format, args...)} }

// A ChoiceError is the error of a value that is none of those there are. Completion offers them.
type ChoiceError struct {
	Values []string
	Text   string // empty: there is …, and the values
}

func (e ChoiceError) Error() string {
	return cmp.Or(e.Text, "there is "+strings.Join(e.Values, ", "))
}

// Choose is the error of a value that is not the name of one of the things.
func Choose[T any](things []T, name func(T) string) error {
	var e ChoiceError
	for _, t := range things {
		e.Values = append(e.Values, name(t))
	}
	return e
}

// Find returns the flag of a command that has a name, or nil.
func (p *Program[C]) Find(command, name string) *Flag[C] {
	i := slices.IndexFunc(p.Flags, func(f Flag[C]) bool { return f.Name == name && slices.Contains(f.Commands, command) })
	if i < 0 {
		return nil
	}
	return &p.Flags[i]
}

// Of returns the flags of a command.
func (p *Program[C]) Of(command string) []*Flag[C] {
	var all []*Flag[C]
	for i := range p.Flags {
		if slices.Contains(p.Flags[i].Commands, command) {
			all = append(all, &p.Flags[i])
		}
	}
	return all
}

// command returns the command that goes by that name, or nil.
func (p *Program[C]) command(name string) *Command {
	i := slices.IndexFunc(p.Commands, func(c Command) bool { return c.Name == name || c.Alias != "" && c.Alias == name })
	if i < 0 {
		return nil
	}
	return &p.Commands[i]
}

// typed is a command as it is typed.
func (p *Program[C]) typed(name string) string { return strings.TrimSpace(p.Name + " " + name) }
