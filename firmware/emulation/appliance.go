package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/firmware/appliance/disk"
)

// The appliance: a card with vae-edge and nothing else, whose power is cut.

// applianceBoard is in the configuration on the card, with a point that stands still.
const (
	applianceBoard  = "waveshare-1.44"
	applianceConfig = "board = " + applianceBoard + "\nscene = at\nat = 0.5:-1.2\npalette = ember\nfps = 4\nstats\nlog = json\n"
)

// applianceFrame are the flags that make its frame.
var applianceFrame = []string{"--at", "0.5:-1.2", "--palette", "ember"}

// bootCard builds the image of a card and starts the machine from it, twice, with the power cut
// each time. Nothing may have been written to it.
func (m *machine) bootCard(ctx context.Context, kernel, firmware, dir string) error {
	image, config := filepath.Join(dir, "card.img"), filepath.Join(dir, "vae-edge.conf")
	if err := os.WriteFile(config, []byte(applianceConfig), 0o644); err != nil {
		return err
	}
	if _, err := command(ctx, nil, "go", "run", "./firmware/appliance", "--kernel", kernel, "--firmware", firmware, "--config", config, "--out", image); err != nil {
		return err
	}
	before, err := hash(image)
	if err != nil {
		return err
	}
	tree, err := deviceTree(ctx, dir, virtTree)
	if err != nil {
		return err
	}
	// What the boot firmware does
	f, err := os.Open(image)
	if err != nil {
		return err
	}
	defer f.Close()
	files, err := disk.Read(f)
	if err != nil {
		return err
	}
	commandLine := ""
	for _, file := range files {
		switch file.Name {
		case "cmdline.txt":
			commandLine = strings.TrimSpace(string(file.Data)) + " console=ttyAMA0"
		case "vmlinuz", "initramfs.gz":
			if err := os.WriteFile(filepath.Join(dir, file.Name), file.Data, 0o644); err != nil {
				return err
			}
		}
	}
	for _, j := range m.jobs {
		m.level = [8]bool{}
		w, err := newWire(j.panel, j.board, m.level)
		if err != nil {
			return err
		}
		j.began, j.wire, m.current, m.off, j.cutAfter = true, w, j, false, 4
		err = m.start(ctx, dir, commandLine, "-kernel", filepath.Join(dir, "vmlinuz"), "-initrd", filepath.Join(dir, "initramfs.gz"), "-dtb", tree,
			"-drive", "if=none,format=raw,id=card,file="+image, "-device", "virtio-blk-device,drive=card")
		if err != nil {
			return err
		}
		if !m.off {
			return fmt.Errorf("the machine stopped by itself\n%s", &j.output)
		}
	}
	after, err := hash(image)
	if err == nil && after != before {
		err = errors.New("the card was written to")
	}
	return err
}

func hash(name string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return [sha256.Size]byte(h.Sum(nil)), err
}
