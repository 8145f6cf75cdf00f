package zones

import (
	"archive/zip"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCopy: the copy has zones whose offsets are known, and no others.
func TestCopy(t *testing.T) {
	for name, want := range map[string][2]int{ // hours from UTC in January and in July
		"Europe/Berlin": {1, 2}, "America/New_York": {-5, -4}, "Asia/Tokyo": {9, 9}, "UTC": {0, 0}, "Pacific/Auckland": {13, 12},
	} {
		data, ok := find(name)
		if !ok {
			t.Errorf("no %s", name)
			continue
		}
		zone, err := time.LoadLocationFromTZData(name, data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, month := range []time.Month{time.January, time.July} {
			if _, offset := time.Date(2025, month, 15, 12, 0, 0, 0, zone).Zone(); offset != 3600*want[i] {
				t.Errorf("%s in %v: %d s from UTC, want %d hours", name, month, offset, want[i])
			}
		}
	}
	for _, name := range []string{"Europe/Berlinn", "Europe", ""} {
		if _, ok := find(name); ok {
			t.Errorf("there is a zone %q", name)
		}
	}
	if zone, err := Load("Europe/Berlin"); err != nil || zone.String() != "Europe/Berlin" {
		t.Errorf("zone %v, error %v", zone, err)
	}
	if _, err := Load("Mars/Olympus"); err == nil {
		t.Error("there is a zone of Mars")
	}
}

// TestSince2025: every zone of Go's own database is in the copy, and says the same for sixty years.
func TestSince2025(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip(err)
	}
	database, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Skip(err)
	}
	defer database.Close()
	zones := 0
	for all := unpacked(); len(all) > 0; zones++ {
		var name string
		var data []byte
		name, data, all = next(all)
		copied, err := time.LoadLocationFromTZData(name, data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		its, err := fs.ReadFile(database, name)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := time.LoadLocationFromTZData(name, its)
		if err != nil {
			t.Fatal(err)
		}
		const step = 37 * time.Hour // comes to every hour of the day
		for at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2085; at = at.Add(step) {
			word, offset := at.In(copied).Zone()
			if wantWord, want := at.In(whole).Zone(); word != wantWord || offset != want {
				t.Fatalf("%s at %v: %s, %d s from UTC, want %s, %d", name, at, word, offset, wantWord, want)
			}
		}
	}
	if zones < 500 {
		t.Errorf("%d zones", zones)
	}
}

func TestSetLocal(t *testing.T) {
	before := time.Local
	defer func() { time.Local = before }()
	for _, tz := range []string{"Asia/Tokyo", ":Asia/Tokyo"} {
		time.Local = time.UTC
		t.Setenv("TZ", tz)
		SetLocal()
		if time.Local.String() != "Asia/Tokyo" {
			t.Errorf("TZ=%s: local is %v", tz, time.Local)
		}
	}
	for _, tz := range []string{"", "Mars/Olympus"} {
		time.Local = time.UTC
		t.Setenv("TZ", tz)
		SetLocal()
		if time.Local != time.UTC {
			t.Errorf("TZ=%s: local is %v", tz, time.Local)
		}
	}
}
