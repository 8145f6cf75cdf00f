// Appliance builds the image of a memory card that starts a Raspberry Pi Zero 2 W, 3, 4 or 5 with
// vae-edge and nothing else: a kernel, vae-edge and its init in an initial file system, and a
// configuration that any computer can edit.
//
// Run release/image, which finds the kernel and the boot firmware.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/firmware/appliance/disk"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/cpio"
)

func main() {
	var o options
	flag.StringVar(&o.kernel, "kernel", "", "the `FOLDER` of gokrazy's kernel.rpi")
	flag.StringVar(&o.firmware, "firmware", "", "the `FOLDER` of gokrazy's firmware")
	flag.StringVar(&o.config, "config", "", "a configuration `FILE` for the card (default: one that shows a walk on HDMI, with all else explained)")
	flag.StringVar(&o.out, "out", "dist/vae-edge.img", "the `FILE` to write")
	flag.Parse()
	if o.kernel == "" || o.firmware == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: release/image [--config FILE] [--out FILE]")
		os.Exit(2)
	}
	if err := build(o); err != nil {
		fmt.Fprintf(os.Stderr, "appliance: %v\n", err)
		os.Exit(1)
	}
	fmt.Printf("%s: written, %d MiB\n", o.out, disk.Size>>20)
}

type options struct{ kernel, firmware, config, out string }

// config is what the boot firmware reads.
const config = `# Of the boot firmware. What is shown is in vae-edge.conf.
arm_64bit=1
os_check=0
kernel=vmlinuz
initramfs initramfs.gz followkernel
disable_splash=1
enable_uart=0
dtparam=spi=on,i2c_arm=on,i2c_arm_baudrate=400000
`

// commandLine is the kernel's.
const commandLine = "console=tty1 rdinit=/init spidev.bufsiz=65536 panic=10 quiet vt.global_cursor_default=0\n"

// build writes the image.
func build(o options) error {
	files := []disk.File{{Name: "config.txt", Data: []byte(config)}, {Name: "cmdline.txt", Data: []byte(commandLine)}}
	settings, err := configuration(o.config)
	if err != nil {
		return err
	}
	files = append(files, disk.File{Name: "vae-edge.conf", Data: settings})
	archive, err := initramfs()
	if err != nil {
		return err
	}
	files = append(files, disk.File{Name: "initramfs.gz", Data: archive})
	// start.elf and fixup.dat are for all but the fourth, which has its own; the fifth has its in
	// its flash memory.
	for _, from := range []struct{ folder, pattern, to string }{
		{o.firmware, "bootcode.bin", ""}, {o.firmware, "start.elf", ""}, {o.firmware, "start4.elf", ""}, {o.firmware, "fixup.dat", ""}, {o.firmware, "fixup4.dat", ""},
		{o.firmware, "LICENSE.broadcom", ""}, {o.kernel, "LICENSE.linux", ""},
		{o.kernel, "vmlinuz", ""}, {o.kernel, "bcm27*.dtb", ""}, {o.kernel, "bcm28*.dtb", ""}, {o.kernel, "overlays/*.dtbo", "overlays/"}, {o.kernel, "overlays/overlay_map.dtb", "overlays/"},
	} {
		found, err := filepath.Glob(filepath.Join(from.folder, from.pattern))
		if err != nil {
			return err
		}
		if len(found) == 0 && !strings.HasSuffix(from.pattern, "overlay_map.dtb") {
			return fmt.Errorf("%s has no %s", from.folder, from.pattern)
		}
		for _, name := range found {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			files = append(files, disk.File{Name: from.to + filepath.Base(name), Data: data})
		}
	}
	return atomicfile.Write(o.out, func(w io.Writer) error { return disk.Write(w, files) })
}

// configuration is that of the file or, without one, what vae-edge has to say about all flags.
func configuration(file string) ([]byte, error) {
	if file != "" {
		// Here its files and devices need not be there; what makes no sense makes none anywhere
		_, err := command(nil, "go", "run", "./firmware/vae-edge", "info", "--config", file)
		if err != nil && strings.Contains(err.Error(), "exit status 2") {
			return nil, err
		}
		return os.ReadFile(file)
	}
	return command(nil, "go", "run", "./firmware/vae-edge", "--generate", "config", "--display", "fb0", "--give-up", "0")
}

// initramfs is the file system that the kernel starts with, and keeps in memory.
func initramfs() ([]byte, error) {
	dir, err := os.MkdirTemp("", "appliance")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var nodes []cpio.Node
	for _, name := range []string{"boot", "dev", "proc", "sys", "tmp"} {
		nodes = append(nodes, cpio.Node{Name: name, Mode: cpio.Directory})
	}
	nodes = append(nodes, cpio.Node{Name: "dev/console", Mode: cpio.Device, Major: 5, Minor: 1}, cpio.Node{Name: "dev/null", Mode: cpio.Device, Major: 1, Minor: 3})
	for _, p := range []struct{ name, from string }{{"init", "./firmware/appliance/init"}, {"vae-edge", "./firmware/vae-edge"}} {
		out := filepath.Join(dir, p.name)
		if _, err := command([]string{"GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0"}, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, p.from); err != nil {
			return nil, err
		}
		data, err := os.ReadFile(out)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, cpio.Node{Name: p.name, Mode: cpio.Program, Data: data})
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = z.Write(cpio.Archive(nodes))
	err = errors.Join(err, z.Close()) // which writes, too
	return b.Bytes(), err
}

// command runs a program and returns what it writes; the error has what it says besides.
func command(env []string, name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), env...)
	out, err := c.Output()
	if e := (*exec.ExitError)(nil); errors.As(err, &e) {
		return out, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, e.Stderr)
	}
	return out, err
}
