package arrays

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
)

// An archive unpacks its files, up to so many bytes of all together.
type archive struct {
	files map[string]*zip.File
	left  int64
	most  int64 // that was left
}

// newArchive returns one for an archive of so many bytes. Numbers that were learnt pack badly: what
// becomes more than this would fill the memory with nothing.
func newArchive(size int) *archive {
	const ratio, least = 16, 64 << 20
	most := min(int64(MaxFile), max(least, ratio*int64(size)))
	return &archive{files: map[string]*zip.File{}, left: most, most: most}
}

func (z *archive) read(name string) ([]byte, error) {
	f := z.files[name]
	if f == nil {
		return nil, fmt.Errorf("the archive has no %q", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if f.UncompressedSize64 > uint64(z.left) {
		return nil, fmt.Errorf("more than %d bytes are unpacked of it: save it without compression", z.most)
	}
	var b bytes.Buffer // which grows with what comes out, whatever is claimed
	n, err := io.Copy(&b, io.LimitReader(r, z.left+1))
	if err != nil {
		return nil, err
	}
	if z.left -= n; z.left < 0 {
		return nil, fmt.Errorf("more than %d bytes are unpacked of it: save it without compression", z.most)
	}
	return b.Bytes(), nil
}
