// Package cpio writes the archives of which the kernel makes an initial file system.
package cpio

import (
	"bytes"
	"fmt"
	"slices"
)

// A Node is a file, directory or device of an initial file system.
type Node struct {
	Name         string
	Mode         uint32 // kind and permissions, as stat has them
	Major, Minor uint32 // of a device
	Data         []byte
}

// The kinds of nodes with their permissions.
const (
	Directory = 0o040755
	Program   = 0o100755
	Device    = 0o020600
)

// Archive returns an archive in the format "newc", which the kernel unpacks
// (Documentation/driver-api/early-userspace/buffer-format.rst of Linux). The program cpio could not
// make the devices without being root.
func Archive(nodes []Node) []byte {
	var b bytes.Buffer
	pad := func() {
		for b.Len()%4 != 0 {
			b.WriteByte(0)
		}
	}
	for i, n := range slices.Concat(nodes, []Node{{Name: "TRAILER!!!"}}) {
		fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
			i+1, n.Mode, 0, 0, 1, 0, len(n.Data), 0, 0, n.Major, n.Minor, len(n.Name)+1, 0)
		b.WriteString(n.Name)
		b.WriteByte(0)
		pad()
		b.Write(n.Data)
		pad()
	}
	return b.Bytes()
}
