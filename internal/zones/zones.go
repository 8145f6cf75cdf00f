// Package zones finds time zones on systems without the time zone database: it has a compressed
// copy, a fifth of the size of package time/tzdata's.
package zones

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/vae-edge/vae-edge/internal/packed"
)

//go:generate go run gen.go

// copied are the files of the database, each after the length of its name, its name and its own
// length.
//
//go:embed zones.gz
var copied []byte

// Load returns the zone of that name: the system's, which may be newer, or else that of the copy.
func Load(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err == nil {
		return zone, nil
	}
	if data, ok := find(name); ok {
		return time.LoadLocationFromTZData(name, data)
	}
	return nil, err
}

// find returns the file of a zone in the copy.
func find(name string) ([]byte, bool) {
	all, err := packed.Unpack(copied)
	if err != nil {
		panic(errors.Join(errors.New("zones: what is embedded is not whole"), err))
	}
	for len(all) > 0 {
		n := 1 + int(all[0])
		size := int(binary.BigEndian.Uint16(all[n:]))
		if string(all[1:n]) == name {
			return all[n+2:][:size], true
		}
		all = all[n+2+size:]
	}
	return nil, false
}

// SetLocal makes the zone that the environment variable TZ names the local one, where the system
// does not know it.
func SetLocal() {
	name := strings.TrimPrefix(os.Getenv("TZ"), ":")
	if name == "" || time.Local.String() == name {
		return
	}
	if zone, err := Load(name); err == nil {
		time.Local = zone
	}
}
