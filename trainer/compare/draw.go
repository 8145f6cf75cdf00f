package compare

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/trainer/picture"
)

// Files are the names of the pictures of a comparison in a folder: what each model draws, and test
// images with what is drawn at the latent points that were found for them.
func Files(dir string) []string {
	return []string{filepath.Join(dir, "samples.png"), filepath.Join(dir, "inverted.png")}
}

// Draw writes the pictures to files of these names.
func (c *Comparison) Draw(files []string) error {
	for i, rows := range [][]picture.Row{c.sheet(), c.again()} {
		if err := picture.WriteFile(files[i], picture.Reconstructions(rows, columns, nil)); err != nil {
			return err
		}
	}
	return nil
}

// sheet has some of all that was measured, a row for each.
func (c *Comparison) sheet() []picture.Row {
	size := c.shape[0] * c.shape[1] * c.shape[2]
	some := func(pixels []byte) picture.Images {
		return picture.Of(pixels[:min(len(pixels), columns*size)], c.shape)
	}
	rows := []picture.Row{{Name: "test images", Images: some(c.test)}}
	for _, s := range c.Spaces {
		// The model's own samples are first, then those of the other distribution.
		of := len(rows)
		for _, r := range c.Rows[1:] {
			what, its := strings.CutPrefix(r.Of, s.Model+", ")
			name, _, _ := strings.Cut(what, " ") // there is room for a word
			switch {
			case !its:
			case r.Own:
				rows = slices.Insert(rows, of, picture.Row{Name: filepath.Base(s.Model), Images: some(r.shown)})
			case what == priorOf, strings.HasPrefix(what, mixtureOf) && !strings.HasSuffix(what, floatOf):
				rows = append(rows, picture.Row{Name: name, Images: some(r.shown)})
			}
		}
	}
	return rows
}

// again has test images and what is drawn at the latent points that were found for them.
func (c *Comparison) again() []picture.Row {
	size := c.shape[0] * c.shape[1] * c.shape[2]
	n := columns
	for _, s := range c.Spaces {
		n = min(n, len(s.again)/size)
	}
	rows := []picture.Row{{Name: "image", Images: picture.Of(c.test[:n*size], c.shape)}}
	for _, s := range c.Spaces {
		rows = append(rows, picture.Row{Name: filepath.Base(s.Model), Images: picture.Of(s.again[:n*size], c.shape)})
	}
	return rows
}
