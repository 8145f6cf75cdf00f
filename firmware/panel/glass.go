package panel

import (
	"fmt"
	"image"
	"slices"
	"strings"
)

// OfController returns a panel of the controller of that name, in any case, and of that size. One
// that is not known has its glass in the middle of the controller's memory, and the rest as most
// have it.
func OfController(name string, size image.Point) (Panel, error) {
	// The memory of some is larger with other glass
	var widest *Panel
	for i := range Panels {
		p := &Panels[i]
		if !p.Controller.is(name) {
			continue
		}
		if p.Size == size {
			return *p, nil
		}
		if widest == nil || p.Memory.X*p.Memory.Y > widest.Memory.X*widest.Memory.Y {
			widest = p
		}
	}
	if widest == nil {
		return Panel{}, fmt.Errorf("panel: no controller %q", name)
	}
	p, err := widest.Fit(size)
	p.Name, p.Unchecked = fmt.Sprintf("%s-%dx%d", strings.ToLower(p.Controller.Name), size.X, size.Y), ""
	return p, err
}

// is reports whether the controller goes by that name, in any case. Makers add letters for versions
// that are driven alike: ST7789VW.
func (c *Controller) is(name string) bool {
	n := len(c.Name)
	return len(name) >= n && len(name) <= n+2 && strings.EqualFold(name[:n], c.Name) && strings.Trim(strings.ToLower(name[n:]), "abcdefghijklmnopqrstuvwxyz") == ""
}

// IsController reports whether that is the name of a controller, in any case.
func IsController(name string) bool {
	return slices.ContainsFunc(Panels, func(p Panel) bool { return p.Controller.is(name) })
}

// Fit returns the panel with glass of another size, in the middle of the memory.
func (p Panel) Fit(size image.Point) (Panel, error) {
	if size == p.Size {
		return p, nil
	}
	most := p.Memory
	switch {
	case !fits(size, most) && fits(image.Pt(size.Y, size.X), most):
		return p, fmt.Errorf("a panel's size is that of the unturned glass, here %dx%d", size.Y, size.X)
	case !fits(size, most):
		return p, fmt.Errorf("the memory of the %s has %dx%d pixels", p.Controller.Name, most.X, most.Y)
	case p.Dots() && size.Y%8 != 0:
		return p, fmt.Errorf("the %s has its rows in groups of eight", p.Controller.Name)
	}
	p.Size, p.Offset = size, most.Sub(size).Div(2)
	if p.Dots() {
		p.Offset.Y = 0 // as many rows as the glass has are driven
	}
	return p, nil
}

// At returns the panel with its glass over another part of the memory: offset is the column and the
// row under its top left corner.
func (p Panel) At(offset image.Point) (Panel, error) {
	if most := p.Memory.Sub(p.Size); offset.X > most.X || offset.Y > most.Y {
		return p, fmt.Errorf("glass of %dx%d in the memory of the %s, %dx%d, begins at %d,%d at most", p.Size.X, p.Size.Y, p.Controller.Name, p.Memory.X, p.Memory.Y, most.X, most.Y)
	}
	if p.Dots() && offset.Y%8 != 0 {
		return p, fmt.Errorf("the %s has its rows in groups of eight", p.Controller.Name)
	}
	p.Offset = offset
	return p, nil
}

func fits(size, in image.Point) bool {
	return size.X > 0 && size.Y > 0 && size.X <= in.X && size.Y <= in.Y
}
