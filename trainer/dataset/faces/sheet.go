//go:build ignore

// This program draws the sheet of faces in the docs. Colours are in steps of 5, which nobody sees
// and which makes the file a third smaller.
package main

import (
	"image"
	"image/color"
	"image/png"
	"os"

	"github.com/vae-edge/vae-edge/trainer/dataset/faces"
)

func main() {
	const columns, rows = 10, 10
	sheet := image.NewNRGBA(image.Rect(0, 0, columns*faces.Side, rows*faces.Side))
	set := faces.New(1, 0, columns*rows)
	step := func(v byte) byte { return byte((int(v) + 2) / 5 * 5) }
	for i := range set.N {
		pixels := set.Image(i)
		for k := range faces.Side * faces.Side {
			c := color.NRGBA{step(pixels[3*k]), step(pixels[3*k+1]), step(pixels[3*k+2]), 255}
			sheet.SetNRGBA(i%columns*faces.Side+k%faces.Side, i/columns*faces.Side+k/faces.Side, c)
		}
	}
	f, err := os.Create("../../../docs/faces.png")
	if err == nil {
		err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, sheet)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		panic(err)
	}
}
