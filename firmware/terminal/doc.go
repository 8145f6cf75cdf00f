// Package terminal is a terminal as a display, and as the place where a program says what happens.
//
// It leaves a terminal as it was when the program ends in good order or is stopped (Ctrl-Z). Frames
// appear in a [Window] in the terminal's colours, two pixels to a character cell, and only what has
// changed is written; where no cursor can be moved they are lines of ASCII. A frame allocates
// nothing. What a [Console] or a caption quotes is shown and never obeyed: control characters do
// not pass.
package terminal
