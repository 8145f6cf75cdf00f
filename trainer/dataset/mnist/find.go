package mnist

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// The roles of a data set's files, in the order of files.names.
const (
	trainImages = iota
	trainLabels
	testImages
	testLabels
	roles
)

// canonical has MNIST's own file names, by role.
var canonical = [roles]string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}

var namePattern = regexp.MustCompile(`^(?:(.+)[-_])?(train|t10k|test)[-_.](images|labels)[-_.]idx([1-4])[-_.](ubyte|int)(\.gz)?$`)

// parseName returns the prefix of a file's name and the role that it has, if it is one of a data
// set's.
func parseName(name string) (prefix string, role int, ok bool) {
	m := namePattern.FindStringSubmatch(name)
	if m == nil {
		return "", 0, false
	}
	if role = trainImages; m[2] != "train" {
		role = testImages
	}
	if m[3] == "images" {
		return m[1], role, m[4] >= "3" && m[5] == "ubyte"
	}
	return m[1], role + 1, m[4] == "1" || m[4] == "2" && m[5] == "int"
}

// files are those of a data set in a folder.
type files struct {
	folder string
	prefix string
	names  [roles]string // paths; empty where there is none
	twice  error         // that two files may be meant
}

// missing are the names that files have none of.
func (f *files) missing() (names []string) {
	for role, name := range f.names {
		if name == "" {
			names = append(names, canonical[role])
		}
	}
	return names
}

// add makes a file that of its role. Entries come sorted, so that of a plain file and a compressed
// one the plain one comes first and stays.
func (f *files) add(role int, name string) {
	switch old := f.names[role]; {
	case old == "":
		f.names[role] = name
	case name != old+".gz":
		f.twice = fmt.Errorf("both %s and %s are there: keep one of them", old, name)
	}
}

// How much of a directory is looked at for files that are not in it.
const (
	depth      = 2
	maxFolders = 1000
)

// ErrNoFiles is wrapped by the error for a directory in which there is no file of a data set.
var ErrNoFiles = errors.New("no IDX files")

// find returns the data set of a directory or, if there is nothing of one in it, that of a folder
// below. With a prefix it is the one whose files are named so.
func find(dir fs.FS, prefix string) (*files, error) {
	if _, err := fs.ReadDir(dir, "."); err != nil {
		return nil, fmt.Errorf("cannot list the data directory: %w", bare(err))
	}
	folders := []string{"."}
	for level := 0; ; level++ {
		var all, whole []*files
		var below []string
		for _, folder := range folders {
			here, further := list(dir, folder)
			for _, f := range here {
				if prefix != "" && f.prefix != prefix {
					continue
				}
				if all = append(all, f); f.missing() == nil {
					whole = append(whole, f)
				}
			}
			below = append(below, further...)
		}
		switch {
		case len(all) == 1 || len(whole) == 1 && all[0].folder != whole[0].folder:
			f := append(whole, all...)[0]
			if f.twice != nil {
				return nil, f.twice
			}
			if missing := f.missing(); missing != nil {
				return nil, fmt.Errorf("no %s (or the same with .gz): a data set is %s", strings.Join(missing, ", no "), strings.Join(canonical[:], ", "))
			}
			return f, nil
		case len(all) > 1:
			return nil, several(all)
		case level == depth || len(below) == 0 || len(below) > maxFolders:
			return nil, fmt.Errorf("%w: no %s (or the same with .gz), nor in folders of it", ErrNoFiles, strings.Join(canonical[:], ", no "))
		}
		folders = below
	}
}

// several is the error for more than one data set.
func several(all []*files) error {
	var named, example []string
	for _, f := range all {
		named = append(named, fmt.Sprintf("%q", strings.TrimPrefix(f.folder+"/"+f.prefix, "./")))
		if f.prefix != "" {
			example = append(example, path.Join(f.folder, f.prefix))
		}
	}
	const most = 12
	if len(named) > most {
		named = append(named[:most], "more")
	}
	cure := "give each a directory of its own"
	if len(example) > 0 {
		cure += ", or let the name of the directory go on with that of one, as in .../" + example[0]
	}
	return fmt.Errorf("files of several data sets (named with %s): %s", strings.Join(named, ", "), cure)
}

// list returns what a folder has of data sets, by prefix, and the folders in it. A folder that is
// named like a file may stand for the one in it.
func list(dir fs.FS, folder string) (found []*files, below []string) {
	entries, err := fs.ReadDir(dir, folder)
	if err != nil {
		return nil, nil // no access: what is needed is missing
	}
	sets := map[string]*files{}
	within := func(prefix string) *files {
		if sets[prefix] == nil {
			sets[prefix] = &files{folder: folder, prefix: prefix}
		}
		return sets[prefix]
	}
	for _, e := range entries {
		name := path.Join(folder, e.Name())
		prefix, role, ok := parseName(e.Name())
		switch {
		case ok && !e.IsDir():
			within(prefix).add(role, name)
		case !ok && e.IsDir() && e.Name()[0] != '.' && e.Name() != "__MACOSX":
			below = append(below, name)
		}
	}
	for _, e := range entries {
		prefix, role, ok := parseName(e.Name())
		if !ok || !e.IsDir() || sets[prefix] != nil && sets[prefix].names[role] != "" {
			continue
		}
		name := path.Join(folder, e.Name()) // which is refused if there is no file in it
		its, _ := fs.ReadDir(dir, name)
		for _, file := range its {
			if p, r, ok := parseName(file.Name()); ok && p == prefix && r == role && !file.IsDir() {
				name = path.Join(name, file.Name())
				break
			}
		}
		within(prefix).names[role] = name
	}
	for _, prefix := range slices.Sorted(maps.Keys(sets)) {
		found = append(found, sets[prefix])
	}
	return found, below
}

// hasPrefix says whether the files of a directory have any that are named with a prefix.
func hasPrefix(dir fs.FS, prefix string) bool {
	if prefix == "" || prefix == "." {
		return false
	}
	found, _ := list(dir, ".")
	return slices.ContainsFunc(found, func(f *files) bool { return f.prefix == prefix })
}
