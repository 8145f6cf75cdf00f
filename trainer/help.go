package main

import "embed"

// helpFiles has what the help of each command begins and, -end, ends with.
//
//go:embed help/*.txt
var helpFiles embed.FS

func helpText(name string) string {
	text, err := helpFiles.ReadFile("help/" + name + ".txt")
	if err != nil {
		panic(err) // it is part of the program
	}
	return "\n" + string(text)
}
