package faces

// Draw draws the face: Size bytes, row by row, red, green and blue. It allocates nothing.
func (f Face) Draw(pixels []byte) {
	_ = pixels[Size-1]
	var p artist
	p.Face = f.within()
	p.prepare()
	p.background()
	p.set(p.body)
	p.clothes()
	p.set(p.head)
	p.hairBehind()
	p.set(p.body)
	p.neck()
	p.set(p.head)
	p.ears()
	p.skull()
	p.cheeks()
	p.marks()
	p.beard()
	p.nose()
	p.mouth()
	for side := -1.0; side <= 1; side += 2 {
		p.eye(side)
		p.brow(side)
	}
	p.temples()
	p.hair()
	p.earrings()
	p.glasses()
	p.hat()
	for i := range p.pixels {
		pixels[i] = byte(clamp(float64(p.pixels[i])+0.5, 0, 255))
	}
}
