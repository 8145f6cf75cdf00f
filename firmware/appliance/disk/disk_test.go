package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// files are some of all kinds of names and lengths.
func files() []File {
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	all := []File{{"EMPTY.TXT", nil}, {"config.txt", []byte("x=1\n")}, {"bcm2710-rpi-3-b-plus.dtb", random(40_000)}, {"bcm2710-rpi-3-b.dtb", random(1024)},
		{"thirteen.char", random(1)}, {"vmlinuz", random(3_000_001)}, {"no extension here", random(1023)}}
	for i := range 300 {
		all = append(all, File{fmt.Sprintf("overlays/an-overlay-with-a-name-%d.dtbo", i), random(r.IntN(3000))})
	}
	return all
}

// A head keeps the beginning of what is written, where all that is not zero is, and the hash and
// the length of all.
type head struct {
	bytes.Buffer
	hash maphash.Hash
	n    int
}

func (h *head) Write(b []byte) (int, error) {
	h.Buffer.Write(b[:min(len(b), max(0, 16<<20-h.n))])
	h.n += len(b)
	h.hash.Write(b[:min(len(b), 16<<20)])
	return len(b), nil
}

// TestRoundTrip: what is written is read, and the same files give the same bytes. What other
// programs say of the file system is that nothing is wrong with it.
func TestRoundTrip(t *testing.T) {
	var image, again head
	want := files()
	again.hash.SetSeed(image.hash.Seed())
	if err := errors.Join(Write(&image, want), Write(&again, want)); err != nil {
		t.Fatal(err)
	}
	if image.n != Size || image.hash.Sum64() != again.hash.Sum64() {
		t.Fatalf("%d bytes, want %d", image.n, Size)
	}
	got, err := Read(bytes.NewReader(image.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
	for _, f := range want {
		if !slices.ContainsFunc(got, func(g File) bool { return g.Name == f.Name && bytes.Equal(g.Data, f.Data) }) {
			t.Errorf("%s is not as it was", f.Name)
		}
	}
	fsck, err := exec.LookPath("fsck.fat")
	if os.Getenv("VAE_EDGE_LONG") == "" || err != nil {
		t.Skip("fsck.fat is asked if it is installed and VAE_EDGE_LONG is set")
	}
	name := filepath.Join(t.TempDir(), "fat")
	whole := make([]byte, volume*sector)
	copy(whole, image.Bytes()[first*sector:])
	if err := os.WriteFile(name, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(fsck, "-n", "-v", name).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestShortNames: a name of eight letters and three is its own short name, others have one that no
// other has.
func TestShortNames(t *testing.T) {
	d := &directory{}
	for name, want := range map[string]string{
		"bootcode.bin": "BOOTCODEBIN", "start4.elf": "START4  ELF", "vmlinuz": "VMLINUZ    ", "EMPTY.TXT": "EMPTY   TXT",
		"vae-edge.conf": "VAE-ED~1CON", "bcm2710-rpi-3-b.dtb": "BCM271~1DTB", "a b.c": "AB~1    C  ", "a.b.c": "AB~1    C  ", "initramfs.gz": "INITRA~1GZ ",
	} {
		d.shorts = nil
		if got := d.short(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	d.shorts = nil
	for n := range 30 {
		d.short(fmt.Sprintf("a-long-name-%d.dtb", n))
	}
	if slices.Sort(d.shorts); len(slices.Compact(d.shorts)) != 30 {
		t.Error(d.shorts)
	}
}

// TestRefused: what cannot be in the file system is refused, and so is what is none when it is
// read.
func TestRefused(t *testing.T) {
	for _, f := range []File{{"", nil}, {"a:b", nil}, {"a/b/c", nil}, {"dot.", nil}, {"ö", nil}, {strings.Repeat("n", 101), nil}} {
		if err := Write(io.Discard, []File{f}); err == nil {
			t.Errorf("%q with %d bytes is written", f.Name, len(f.Data))
		}
	}
	third := make([]byte, Size/3)
	if err := Write(io.Discard, []File{{"a", third}, {"b", third}, {"c", third}}); !errors.Is(err, errFull) {
		t.Error(err)
	}
	var image head
	if err := Write(&image, []File{{"a.txt", []byte("text")}}); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		b := bytes.Clone(image.Bytes()[:(first+data+8)*sector])
		for range 1 + r.IntN(4) {
			b[[...]int{446, first * sector, (first + reserved) * sector, (first + data) * sector}[r.IntN(4)]+r.IntN(96)] = byte(r.Uint32())
		}
		Read(bytes.NewReader(b)) // whatever comes of it
	}
	if _, err := Read(bytes.NewReader(nil)); err == nil {
		t.Error("nothing is read")
	}
	// Clusters that go round in a circle: of the file, and of the root folder
	two := func(entry, cluster int) []byte {
		b := bytes.Clone(image.Bytes()[:(first+data+8)*sector])
		binary.LittleEndian.PutUint32(b[(first+reserved)*sector+4*entry:], uint32(cluster))
		return b
	}
	for _, b := range [][]byte{two(root+1, root+1), two(root, root)} {
		if _, err := Read(bytes.NewReader(b)); err == nil {
			t.Error("clusters without end are read")
		}
	}
}
