// Package build says what a program was built from.
package build

import "runtime/debug"

const unknown = "unknown"

// Info returns the version of the module and the commit that the program was built from, and that
// commit's date, 2006-01-02. What is not known is "unknown", a date empty.
func Info() (version, commit, date string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown, unknown, ""
	}
	commit = unknown
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			commit += " with changes"
		case s.Key == "vcs.time" && len(s.Value) > 10:
			date = s.Value[:10]
		}
	}
	return info.Main.Version, commit, date
}
