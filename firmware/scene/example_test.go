package scene_test

import (
	"fmt"
	"image"
	"log"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/model"
)

func Example() {
	model := model.Synthetic()
	dec, err := decoder.New(model)
	if err != nil {
		log.Fatal(err)
	}
	size := image.Pt(240, 240)
	info, _ := scene.Lookup("walk")
	walk, err := info.New(dec, 1, size)
	if err != nil {
		log.Fatal(err)
	}
	frame := scene.NewImage(model, size, scene.Grey)
	for n := range uint64(30) {
		walk.Render(frame, n)
	}
	fmt.Println(frame.Bounds())
	// Output: (0,0)-(240,240)
}
