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
	var b bytes.Buffer // which grows with what comes out, whatever is claimed
	n, err := io.Copy(&b, io.LimitReader(r, z.left+1))
	if err != nil {
		return nil, err
	}
	if z.left -= n; z.left < 0 {
		return nil, fmt.Errorf("more than %d bytes are unpacked", MaxFile)
	}
	return b.Bytes(), nil
}
