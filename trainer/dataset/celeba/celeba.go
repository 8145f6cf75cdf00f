// Package celeba reads CelebA, the faces of Z. Liu, P. Luo, X. Wang and X. Tang, "Deep Learning
// Face Attributes in the Wild" (2015), with their forty attributes, as they are found: from the
// authors, from torchvision and from Kaggle, whole or in part.
//
// The pictures are for research that is not commercial, and must not be passed on. Nor may what was
// learnt from them be without thought.
package celeba

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/photo"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/pictures"
)

// Terms are what users of the pictures are told.
const Terms = "CelebA is for research that is not commercial: neither its pictures nor a model that has learnt from them may be passed on freely"

// DefaultCrop is the side of the usual crop, of pictures that are Width wide.
const (
	DefaultCrop = photo.AlignedCrop
	Width       = photo.AlignedWidth
)

// Options are what is read, and how.
type Options struct {
	pictures.Reading
	Attributes []string // those to keep; none is all
	Crop       int      // 0 is DefaultCrop
}

// Parts of the official partition.
const (
	train = iota
	validation
	test
	parts
)

// The names of the lists, and the beginning of the folder of pictures.
const (
	attributeList = "list_attr_celeba"
	partitionList = "list_eval_partition"
	folder        = "img_align_celeba"
	maxList       = 64 << 20 // bytes
)

// Load reads the pictures of a directory. Those of the official partition's training part are the
// training set, those of its test part the other; without a partition the last tenth is the test
// set.
func Load(dir string, o Options) (trainSet, testSet *dataset.Set, err error) {
	f, err := find(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("celeba: %s: %w", dir, err)
	}
	names, rows, err := readAttributes(f.attributes)
	if err != nil {
		return nil, nil, fmt.Errorf("celeba: %s: %w", f.attributes, err)
	}
	keep, err := choose(names, o.Attributes)
	if err != nil {
		return nil, nil, fmt.Errorf("celeba: %w", err)
	}
	partition := map[string]int{}
	if f.partition != "" {
		if partition, err = readPartition(f.partition); err != nil {
			return nil, nil, fmt.Errorf("celeba: %s: %w", f.partition, err)
		}
	}
	sets, err := f.sort(rows, partition, keep, o.Note)
	if err != nil {
		return nil, nil, fmt.Errorf("celeba: %s: %w", dir, err)
	}
	var kept []string
	for _, k := range keep {
		kept = append(kept, names[k])
	}
	trainSet, testSet, err = o.Sets("celeba", kept, float64(cmp.Or(o.Crop, DefaultCrop))/Width, sets[train], sets[test])
	if err != nil {
		return nil, nil, fmt.Errorf("celeba: %s: %w", f.pictures, err)
	}
	return trainSet, testSet, nil
}

// files are where things are.
type files struct {
	pictures              string
	attributes, partition string // lists; partition may be empty
	there                 map[string]bool
}

// deepest is how far below the directory things are looked for.
const deepest = 3

func find(dir string) (*files, error) {
	f := &files{}
	var lists [2]string
	best := 0
	var walk func(at string, depth int) error
	walk = func(at string, depth int) error {
		entries, err := os.ReadDir(at)
		if err != nil {
			return err
		}
		there := map[string]bool{}
		for _, e := range entries {
			name := e.Name()
			extension := strings.ToLower(filepath.Ext(name))
			base := strings.TrimSuffix(name, filepath.Ext(name))
			switch {
			case e.IsDir():
				if depth < deepest && !strings.HasPrefix(name, ".") {
					if err := walk(filepath.Join(at, name), depth+1); err != nil && depth == 0 && !errors.Is(err, fs.ErrPermission) {
						return err
					}
				}
			case extension == ".jpg" || extension == ".jpeg" || extension == ".png":
				there[name] = true
			case extension == ".txt" || extension == ".csv":
				for i, list := range []string{attributeList, partitionList} {
					if base == list && (lists[i] == "" || extension == ".txt") {
						lists[i] = filepath.Join(at, name)
					}
				}
			}
		}
		if len(there) > best {
			best, f.pictures, f.there = len(there), at, there
		}
		return nil
	}
	if err := walk(dir, 0); err != nil {
		return nil, err
	}
	f.attributes, f.partition = lists[0], lists[1]
	switch {
	case best == 0:
		cure := "unpack " + folder + ".zip there"
		if _, err := os.Stat(filepath.Join(dir, folder+".zip")); err != nil {
			cure = "name the directory that has " + folder + " in it"
		}
		return nil, fmt.Errorf("there are no pictures, such as %s/000001.jpg: %s", folder, cure)
	case f.attributes == "":
		return nil, fmt.Errorf("there is no %s.txt or .csv, which says what the pictures show: put it beside %s", attributeList, filepath.Base(f.pictures))
	}
	return f, nil
}

// A row is a picture in the list of attributes.
type row struct {
	name string
	has  []bool
}

// readList returns the lines of a list, without empty ones, and whether it is of the form that has
// commas.
func readList(name string) (lines []string, commas bool, err error) {
	data, err := regular.Read(name, maxList)
	if err != nil {
		return nil, false, err
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	if start := strings.ToLower(strings.TrimSpace(text[:min(len(text), 512)])); strings.HasPrefix(start, "<") {
		return nil, false, errors.New("it is a web page and not the list: downloads of this file are limited, and say so in its place; open the link in a browser and save the list itself")
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil, false, errors.New("it is empty")
	}
	return lines, strings.EqualFold(filepath.Ext(name), ".csv"), nil
}

func fields(line string, commas bool) []string {
	if !commas {
		return strings.Fields(line)
	}
	f := strings.Split(line, ",")
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	return f
}

// readAttributes reads the list of attributes. The number at its head is not trusted: lists are cut
// without it being changed.
func readAttributes(file string) (names []string, rows []row, err error) {
	lines, commas, err := readList(file)
	if err != nil {
		return nil, nil, err
	}
	at := 0
	if !commas && len(fields(lines[0], false)) == 1 {
		at++ // how many there are
	}
	if at == len(lines) {
		return nil, nil, errors.New("it ends before the names of the attributes")
	}
	names = fields(lines[at], commas)
	if commas {
		names = names[1:] // of the column of names, whatever it is called
	}
	if len(names) == 0 || len(names) > 1000 {
		return nil, nil, fmt.Errorf("line %d has the names of %d attributes", at+1, len(names))
	}
	for i, line := range lines[at+1:] {
		f := fields(line, commas)
		if len(f) != 1+len(names) {
			return nil, nil, fmt.Errorf("line %d has %d values for %d attributes: is the file cut short?", at+2+i, len(f)-1, len(names))
		}
		r := row{f[0], make([]bool, len(names))}
		for k, v := range f[1:] {
			switch v {
			case "1":
				r.has[k] = true
			case "-1", "0":
			default:
				return nil, nil, fmt.Errorf("line %d: %s is %q, want 1 or -1", at+2+i, names[k], v)
			}
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		return nil, nil, errors.New("it lists no pictures")
	}
	return names, rows, nil
}

func readPartition(file string) (map[string]int, error) {
	lines, commas, err := readList(file)
	if err != nil {
		return nil, err
	}
	partition := make(map[string]int, len(lines))
	for i, line := range lines {
		f := fields(line, commas)
		if i == 0 && commas {
			continue // a head
		}
		if len(f) != 2 || len(f[1]) != 1 || f[1][0] < '0' || f[1][0] >= '0'+parts {
			return nil, fmt.Errorf("line %d is %q, want the name of a picture and 0, 1 or 2", i+1, line)
		}
		partition[f[0]] = int(f[1][0] - '0')
	}
	return partition, nil
}

// choose returns which attributes are kept.
func choose(names, wanted []string) (keep []int, err error) {
	for i, name := range names {
		if len(wanted) == 0 || slices.Contains(wanted, name) {
			keep = append(keep, i)
		}
	}
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("there is no attribute %q: choose among %s", name, strings.Join(names, ", "))
		}
	}
	return keep, nil
}

// sort sorts the pictures into the parts, and notes what is missing.
func (f *files) sort(rows []row, partition map[string]int, keep []int, note func(string)) (sets [parts][]pictures.File, err error) {
	missing, first, unsorted := 0, "", 0
	for i, r := range rows {
		name, ok := f.name(r.name)
		if !ok {
			if missing++; first == "" {
				first = r.name
			}
			continue
		}
		part := train
		switch p, ok := partition[r.name]; {
		case ok:
			part = p
		case len(partition) > 0:
			unsorted++
			continue
		case i >= len(rows)-len(rows)/10:
			part = test
		}
		file := pictures.File{Name: filepath.Join(f.pictures, name), Has: make([]bool, len(keep))}
		for k, attribute := range keep {
			file.Has[k] = r.has[attribute]
		}
		sets[part] = append(sets[part], file)
	}
	switch {
	case missing == len(rows):
		return sets, fmt.Errorf("none of the %d pictures of %s is in %s", missing, filepath.Base(f.attributes), f.pictures)
	case len(sets[train]) == 0 || len(sets[test]) == 0:
		return sets, fmt.Errorf("of the pictures that are there %d are to learn from and %d to test with by %s: both are needed; without that list the last tenth tests",
			len(sets[train]), len(sets[test]), filepath.Base(f.partition))
	}
	if missing > 0 {
		note(fmt.Sprintf("%d of the %d pictures of %s are not there and are left out, the first is %s", missing, len(rows), filepath.Base(f.attributes), first))
	}
	if unsorted > 0 {
		note(fmt.Sprintf("%d pictures are not in %s and are left out", unsorted, filepath.Base(f.partition)))
	}
	if extra := len(f.there) - (len(rows) - missing); extra > 0 {
		note(fmt.Sprintf("%d pictures are not in %s and are left out", extra, filepath.Base(f.attributes)))
	}
	if len(partition) == 0 {
		note(fmt.Sprintf("there is no %s: the last tenth of the pictures tests", partitionList+".txt"))
	}
	return sets, nil
}

// name is that of the file of a picture, which may have been stored in another format.
func (f *files) name(listed string) (string, bool) {
	if f.there[listed] {
		return listed, true
	}
	base := strings.TrimSuffix(listed, filepath.Ext(listed))
	for _, extension := range []string{".png", ".jpg", ".jpeg", ".JPG"} {
		if f.there[base+extension] {
			return base + extension, true
		}
	}
	return "", false
}
