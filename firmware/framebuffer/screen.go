package framebuffer

import (
	"bytes"
	"fmt"
	"image"
	"runtime/debug"
)

// Options say how a screen is used.
type Options struct {
	Rotation int  // 0, 90, 180 or 270: degrees that the picture is turned clockwise
	Dither   bool // of colours, where the screen has fewer
}

// A Screen is an open framebuffer. One goroutine at a time may use it.
type Screen struct {
	device device
	opts   Options
	first  variable // the mode as it was found
	fixed  fixed
	mode   variable
	paint  *painter
	memory []byte
	pages  []page
	shown  int    // which page is seen
	line   []byte // a row that is being made
	waits  bool   // the driver tells when a picture was shown
	bytes  int64
	closed bool
}

// A page is a picture in the memory.
type page struct {
	top   int    // its first row
	bytes []byte // what it has, without the gaps between rows
	known bool
}

// open returns the screen of a device, which it closes if it cannot be used.
func open(d device, o Options) (*Screen, error) {
	if o.Rotation < 0 || o.Rotation > 270 || o.Rotation%90 != 0 {
		d.close()
		return nil, fmt.Errorf("framebuffer: invalid rotation %d: it is 0, 90, 180 or 270", o.Rotation)
	}
	s := &Screen{device: d, opts: o, waits: true}
	f, v, err := d.info()
	if err == nil {
		s.first = v
		err = s.adopt(f, v)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return s, nil
}

// adopt takes the mode that the driver has, in two pages if that is possible.
func (s *Screen) adopt(f fixed, v variable) error {
	l, err := newLayout(f, v)
	if err != nil {
		return err
	}
	if f.yPan == 0 || v.height%uint32(f.yPan) != 0 || v.x != 0 {
		return s.use(l, f, v, int(v.y))
	}
	if l.rows < 2*l.size.Y {
		l, f, v = s.grow(l, f, v)
	}
	if l.rows < 2*l.size.Y {
		return s.use(l, f, v, int(v.y))
	}
	if err := s.use(l, f, v, 0, l.size.Y); err != nil {
		return err
	}
	// Whether the driver can do what it says is seen by doing it, on a page that is black
	if err := s.black(&s.pages[1]); err != nil {
		return err
	}
	if s.pan(v, l.size.Y) != nil {
		return s.use(l, f, v, int(v.y))
	}
	if err := s.pan(v, 0); err != nil {
		return fmt.Errorf("framebuffer: %w", err)
	}
	s.mode.y = 0
	return nil
}

// use draws on pages that begin with those rows from now on.
func (s *Screen) use(l layout, f fixed, v variable, tops ...int) (err error) {
	// To the end of the last row that is used
	size := l.at(tops[len(tops)-1], l.size.Y-1) + l.line()
	s.pages = nil // what they were in is not mapped any more
	if s.memory, err = s.device.memory(f.start, size); err != nil {
		return fmt.Errorf("framebuffer: %d bytes of memory: %w", size, err)
	}
	if len(s.memory) < size {
		return unsupported("driver %q: %d bytes of memory, want %d", f.name(), len(s.memory), size)
	}
	s.fixed, s.mode, s.paint, s.shown = f, v, newPainter(l, s.opts.Rotation, s.opts.Dither), 0
	s.line = make([]byte, l.line())
	for _, top := range tops {
		s.pages = append(s.pages, page{top: top, bytes: make([]byte, l.line()*l.size.Y)})
	}
	return nil
}

// black makes a page black.
func (s *Screen) black(p *page) error {
	frame := image.NewGray(image.Rectangle{Max: s.Size()})
	s.paint.begin(frame)
	return s.draw(p, frame)
}

// grow asks for memory for two pages. It returns what the driver has come to say, or what it has
// said, where that is of no use.
func (s *Screen) grow(l layout, f fixed, v variable) (layout, fixed, variable) {
	asked := v
	asked.y, asked.virtualHeight = 0, 2*v.height
	if s.device.set(asked) != nil {
		return l, f, v
	}
	newFixed, now, err := s.device.info()
	if err == nil && now.width == v.width && now.height == v.height {
		if grown, err := newLayout(newFixed, now); err == nil {
			return grown, newFixed, now
		}
	}
	s.device.set(v)
	return l, f, v
}

func (s *Screen) pan(v variable, top int) error {
	v.y = uint32(top)
	return s.device.pan(v)
}

// String names the driver and says what it has.
func (s *Screen) String() string {
	text := fmt.Sprintf("%s, %dx%d pixels of %d bits", s.fixed.name(), s.mode.width, s.mode.height, s.mode.bits)
	if len(s.pages) > 1 {
		text += ", two pages"
	}
	return text
}

// Size is the size of frames in pixels, as the screen is now.
func (s *Screen) Size() image.Point { return s.paint.frame() }

// Written is how many bytes were written to the screen's memory.
func (s *Screen) Written() int64 { return s.bytes }

// Forget has the next frame written whole, for something else may have drawn on the screen.
func (s *Screen) Forget() {
	for i := range s.pages {
		s.pages[i].known = false
	}
}

// Show shows a frame of the screen's size. If the mode has changed, a frame of another size is not
// shown, and Size says what the next one is to have.
func (s *Screen) Show(frame image.Image) error {
	f, v, err := s.device.info()
	if err != nil {
		return fmt.Errorf("framebuffer: %w", err)
	}
	lost := len(s.pages) == 0 // another mode, which could not be had, has cost them
	moved := !lost && int(v.y) != s.pages[s.shown].top
	if lost || changed(s.mode, v) || f.start != s.fixed.start || f.stride != s.fixed.stride || f.size < s.fixed.size || moved && len(s.pages) == 1 {
		if err := s.adopt(f, v); err != nil {
			return err
		}
		moved = false
	}
	if frame.Bounds().Size() != s.Size() {
		return nil
	}
	if moved { // by somebody else, who may have drawn as well
		s.Forget()
	}
	s.paint.begin(frame)
	if len(s.pages) == 1 {
		s.sync()
		return s.draw(&s.pages[0], frame)
	}
	next := 1 - s.shown
	if err := s.draw(&s.pages[next], frame); err != nil {
		return err
	}
	if err := s.pan(s.mode, s.pages[next].top); err != nil {
		return fmt.Errorf("framebuffer: %w", err)
	}
	s.shown, s.mode.y = next, uint32(s.pages[next].top)
	return nil
}

// changed reports whether a picture that was made for one mode is none for another.
func changed(a, b variable) bool {
	return a.width != b.width || a.height != b.height || a.bits != b.bits || a.virtualHeight != b.virtualHeight || a.x != b.x ||
		a.red != b.red || a.green != b.green || a.blue != b.blue || a.alpha != b.alpha || a.grayscale != b.grayscale
}

// sync waits for the moment to draw, where the driver knows it.
func (s *Screen) sync() {
	if s.waits {
		s.waits = s.device.sync() == nil
	}
}

// draw brings a page up to date.
func (s *Screen) draw(p *page, frame image.Image) error {
	l := &s.paint.layout
	for y := range l.size.Y {
		s.paint.row(s.line, frame, y)
		was := p.bytes[y*len(s.line):][:len(s.line)]
		if p.known && bytes.Equal(was, s.line) {
			continue
		}
		if err := store(s.memory[l.at(p.top, y):][:len(s.line)], s.line); err != nil {
			p.known = false
			return unsupported("driver %q: its memory ends before it says (%w)", s.fixed.name(), err)
		}
		copy(was, s.line)
		s.bytes += int64(len(s.line))
	}
	p.known = true
	return nil
}

// store copies as many bytes as there are to a driver's memory. That it is not there, whatever the
// driver says, is an error.
func store(dst, b []byte) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	copy(dst, b)
	return nil
}

// Power switches the screen off, or on again, where the driver can.
func (s *Screen) Power(on bool) { s.device.power(on) }

// Close leaves the screen black, in the mode in which it was found, and releases it.
func (s *Screen) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	var err error
	for i := range s.pages {
		if drawing := s.black(&s.pages[i]); err == nil {
			err = drawing
		}
	}
	switch {
	case s.mode.virtualHeight != s.first.virtualHeight && s.mode.width == s.first.width && s.mode.height == s.first.height:
		s.device.set(s.first)
	case len(s.pages) > 1:
		s.pan(s.mode, min(int(s.first.y), s.paint.rows-s.paint.size.Y))
	}
	if closing := s.device.close(); err == nil && closing != nil {
		err = fmt.Errorf("framebuffer: %w", closing)
	}
	return err
}
