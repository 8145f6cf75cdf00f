package framebuffer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The requests of a framebuffer (include/uapi/linux/fb.h), of which only the last has its size and
// direction in it: the driver of a screen that the kernel drives with DRM knows it.
const (
	getVariable = 0x4600
	setVariable = 0x4601
	getFixed    = 0x4602
	panDisplay  = 0x4606
	blank       = 0x4611
	waitForSync = 0x40044620

	blankNot   = 0
	blankPower = 4
)

// A kernelDevice is a framebuffer of the kernel.
type kernelDevice struct {
	file *os.File
	maps []byte // all that is mapped
}

// Open opens the framebuffer at that path, such as /dev/fb0. What waiting does not cure is a
// [SetupError].
func Open(path string, o Options) (*Screen, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, unsupported("%w: connect a screen and start the system again, or for HDMI put video=HDMI-A-1:1280x720@60D in %s; found: %s", err, commandLine, list(found()))
	case errors.Is(err, fs.ErrPermission):
		return nil, unsupported("%w: add yourself to the group video with \"sudo usermod -aG video $USER\" and log in again", err)
	case err != nil:
		return nil, err
	}
	return open(&kernelDevice{file: f}, o)
}

// commandLine is the file of a Raspberry Pi with the kernel's parameters.
const commandLine = "/boot/firmware/cmdline.txt"

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// found lists the framebuffers that there are, with their drivers: fb0 (vc4drmfb).
func found() (all []string) {
	paths, _ := filepath.Glob("/sys/class/graphics/fb[0-9]*")
	for _, p := range paths {
		name, _ := os.ReadFile(filepath.Join(p, "name"))
		all = append(all, fmt.Sprintf("%s (%s)", filepath.Base(p), strings.TrimSpace(string(name))))
	}
	return all
}

// ioctl makes a request about what p points to.
func ioctl(f *os.File, request uintptr, p unsafe.Pointer) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), request, uintptr(p))
		runtime.KeepAlive(f)
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
		default:
			return errno
		}
	}
}

func (d *kernelDevice) info() (f fixed, v variable, err error) {
	err = errors.Join(ioctl(d.file, getVariable, unsafe.Pointer(&v)), ioctl(d.file, getFixed, unsafe.Pointer(&f)))
	return f, v, err
}

func (d *kernelDevice) set(v variable) error {
	v.activate = 0 // now
	return ioctl(d.file, setVariable, unsafe.Pointer(&v))
}

func (d *kernelDevice) pan(v variable) error {
	v.activate = 0
	return ioctl(d.file, panDisplay, unsafe.Pointer(&v))
}

func (d *kernelDevice) sync() error {
	var screen uint32
	return ioctl(d.file, waitForSync, unsafe.Pointer(&screen))
}

func (d *kernelDevice) power(on bool) error {
	level := blankPower
	if on {
		level = blankNot
	}
	return unix.IoctlSetInt(int(d.file.Fd()), blank, level)
}

func (d *kernelDevice) memory(start uintptr, size int) ([]byte, error) {
	d.unmap()
	// Mapped are whole pages of the processor's, from that on in which the memory begins
	before := int(start % uintptr(unix.Getpagesize()))
	all, err := unix.Mmap(int(d.file.Fd()), 0, before+size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	d.maps = all
	return all[before:], nil
}

func (d *kernelDevice) unmap() {
	if d.maps != nil {
		unix.Munmap(d.maps)
	}
	d.maps = nil
}

func (d *kernelDevice) close() error {
	d.unmap()
	return d.file.Close()
}
