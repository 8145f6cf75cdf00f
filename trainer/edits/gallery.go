//go:build ignore

// This program draws two pictures of the docs: face.png, a face to edit, and smiles.png, what the
// built-in model makes of nine.
package main

import (
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"slices"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/dataset/faces"
	"github.com/vae-edge/vae-edge/trainer/dataset/named"
	"github.com/vae-edge/vae-edge/trainer/edits"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

func main() {
	const columns, gap, enlarged = 9, 4, 4
	p, err := pair.Open("faces")
	check(err)
	d, err := decoder.New(p.Int8)
	check(err)
	encoder := vae.NewRunner(p.Float, 0, nil)
	rows := 2 + len(edits.Usual)
	sheet := image.NewNRGBA(image.Rect(0, 0, columns*(faces.Side+gap)-gap, rows*(faces.Side+gap)-gap))
	for i := range sheet.Pix {
		sheet.Pix[i] = 255
	}
	column := 0
	for i := 0; column < columns; i++ {
		f := named.TestFace(i)
		if slices.ContainsFunc(edits.Usual, f.Attribute) {
			continue
		}
		pixels := make([]byte, faces.Size)
		f.Draw(pixels)
		if column == 0 {
			write("face.png", picture(pixels, enlarged))
		}
		mean, _ := encoder.Encode(pixels)
		code := d.Model().FixedPoint(nil, pair.Widened(mean)...)
		drawn := [][]byte{pixels, decoded(d, code)}
		for _, a := range edits.Usual {
			concept, err := d.Model().ConceptIndex(a)
			check(err)
			drawn = append(drawn, decoded(d, d.Model().Steered(code, []model.Aim{{Concept: concept}}, latent.Whole*3/2)))
		}
		for row, pixels := range drawn {
			paste(sheet, image.Pt(column, row).Mul(faces.Side+gap), picture(pixels, 1))
		}
		column++
	}
	write("smiles.png", sheet)
}

func decoded(d *decoder.Decoder, code []int16) []byte {
	pixels := make([]byte, faces.Size)
	d.DecodeBatch(pixels, code, 1)
	return pixels
}

func picture(pixels []byte, scale int) *image.NRGBA {
	side := faces.Side * scale
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			c := pixels[(y/scale*faces.Side+x/scale)*3:]
			m.SetNRGBA(x, y, color.NRGBA{c[0], c[1], c[2], 255})
		}
	}
	return m
}

func paste(to *image.NRGBA, at image.Point, m *image.NRGBA) {
	for y := range m.Rect.Dy() {
		copy(to.Pix[to.PixOffset(at.X, at.Y+y):], m.Pix[m.PixOffset(0, y):m.PixOffset(0, y+1)])
	}
}

func write(name string, m image.Image) {
	f, err := os.Create("../../docs/" + name)
	check(err)
	check((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, m))
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
