package main

import (
	"bytes"
	"fmt"
)

// A node is a file, directory or device of an initial file system.
type node struct {
	name         string
	mode         uint32 // kind and permissions, as stat has them
	major, minor uint32 // of a device
	data         []byte
}

// cpioArchive returns an archive in the format "newc", which the kernel unpacks
// (Documentation/driver-api/early-userspace/buffer-format.rst of Linux). The program cpio could not
// make the devices without being root.
func cpioArchive(nodes []node) []byte {
	var b bytes.Buffer
	pad := func() {
		for b.Len()%4 != 0 {
			b.WriteByte(0)
		}
	}
	for i, n := range append(nodes, node{name: "TRAILER!!!"}) {
		fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
			i+1, n.mode, 0, 0, 1, 0, len(n.data), 0, 0, n.major, n.minor, len(n.name)+1, 0)
		b.WriteString(n.name)
		b.WriteByte(0)
		pad()
		b.Write(n.data)
		pad()
	}
	return b.Bytes()
}
