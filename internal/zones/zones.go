// Package zones finds time zones on systems without the time zone database: it has a compressed
// copy, of what clocks say since 2025.
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
	for all := unpacked(); len(all) > 0; {
		var its string
		var data []byte
		if its, data, all = next(all); its == name {
			return data, true
		}
	}
	return nil, false
}

func unpacked() []byte {
	all, err := packed.Unpack(copied)
	if err != nil {
		panic(errors.Join(errors.New("zones: what is embedded is not whole"), err))
	}
	return all
}

// next returns the first zone of the copy, and the rest.
func next(all []byte) (name string, data, rest []byte) {
	n := 1 + int(all[0])
	size := int(binary.BigEndian.Uint16(all[n:]))
	return string(all[1:n]), all[n+2:][:size], all[n+2+size:]
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
