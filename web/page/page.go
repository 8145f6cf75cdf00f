// Package page holds the files of the page that are written by hand.
package page

import (
	"embed"
	"io/fs"
)

//go:generate go run gen.go

//go:embed *.html *.css *.js *.svg *.bin
var files embed.FS

// Policy is the content security policy of the page: nothing from elsewhere, no code but that of
// the files and of WebAssembly. index.html has it, too.
const Policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'"

// Files returns the files by their names.
func Files() (map[string][]byte, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for _, e := range entries {
		if all[e.Name()], err = files.ReadFile(e.Name()); err != nil {
			return nil, err
		}
	}
	return all, nil
}
