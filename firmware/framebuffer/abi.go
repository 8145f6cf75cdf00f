package framebuffer

// The kernel's structures and numbers (include/uapi/linux/fb.h).

// A field is where a colour is within a pixel.
type field struct{ offset, length, msbRight uint32 }

// A variable is struct fb_var_screeninfo: what can be changed.
type variable struct {
	width, height               uint32
	virtualWidth, virtualHeight uint32 // of the memory
	x, y                        uint32 // where in it the picture begins
	bits                        uint32 // a pixel
	grayscale                   uint32 // 0: colours, 1: grey, else a code of four letters
	red, green, blue, alpha     field
	nonstandard, activate       uint32
	millimetres                 [2]uint32
	_                           uint32
	timing                      [7]uint32
	sync, mode, rotate, space   uint32
	_                           [4]uint32
}

// A fixed is struct fb_fix_screeninfo: what cannot be changed by itself.
type fixed struct {
	id     [16]byte
	start  uintptr
	size   uint32 // of the memory, in bytes
	kind   uint32
	_      uint32
	visual uint32
	_      uint16
	yPan   uint16 // in steps of so many rows the picture can be moved; 0: it cannot
	_      uint16
	stride uint32 // bytes from row to row
	_      uintptr
	_, _   uint32
	_      [3]uint16
}

const (
	kindPacked = 0 // whole pixels, one after another

	visualTrueColour = 2
	visualDirect     = 4 // colours go through tables, which begin as they are
)

// name is what the driver is called.
func (f *fixed) name() string {
	n := 0
	for n < len(f.id) && f.id[n] >= ' ' && f.id[n] <= '~' {
		n++
	}
	return string(f.id[:n])
}

// A device is a framebuffer.
type device interface {
	// info reads what the driver says now.
	info() (fixed, variable, error)
	// set asks for another mode, which may come out otherwise.
	set(variable) error
	// pan has the picture begin where v says.
	pan(v variable) error
	// sync waits until a picture has been shown whole.
	sync() error
	// power switches the screen on or off.
	power(on bool) error
	// memory maps that many bytes of memory from start on, until the device is closed or it is
	// called again.
	memory(start uintptr, size int) ([]byte, error)
	close() error
}
