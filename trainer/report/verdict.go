package report

import (
	"cmp"
	"fmt"
	"math"
	"strings"
)

// A level is how far int8 is from float32.
type level int

const (
	same level = iota
	near
	worse
)

// Bounds of the levels. The models of docs/results.md, of which int8 is said to cost nothing, have
// the same digit in 99.46 % of the pictures or more, a PSNR of 44.8 dB or more, and a cost of 0.02
// nats or less: what is the same leaves them a little room. 38 dB is what the tests of package
// quantize ask of any network, a twentieth of other digits what a reader begins to see, and half a
// nat less than half of what another seed changes there. A cost is that of 28 x 28 pixels, which it
// grows with.
const (
	sameShare, nearShare = 0.99, 0.95
	samePSNR, nearPSNR   = 44, 38
	sameCost, nearCost   = 0.05, 0.5
	sameError, nearError = 0.5, 1 // of the int8 encoder, in standard deviations of the posterior
)

// grade is the level of a figure of which more is better.
func grade(v, isSame, isNear float64) level {
	switch {
	case v >= isSame:
		return same
	case v >= isNear:
		return near
	}
	return worse
}

// decoderLevels are those of what the int8 decoder draws: of the digits that are read in it or, of
// other images, of its pixels; and of its cost.
func (r *Run) decoderLevels() (drawn, cost level) {
	f := r.Final
	drawn = grade(f.Int8PSNR, samePSNR, nearPSNR)
	if f.Digits != nil {
		drawn = grade(f.Digits.Same, sameShare, nearShare)
	}
	scale := float64(r.Image[0]*r.Image[1]*r.Image[2]) / (28 * 28)
	if f.Likeness != nil { // the squares of errors make nats of what nobody sees
		return drawn, same
	}
	return drawn, grade(-f.Int8Cost, -sameCost*scale, -nearCost*scale)
}

// A Sentence is a part of the verdict, a sentence or two. Where it ends with a command, the text
// before that has no stop.
type Sentence struct{ Text, Command string }

// String is all of it.
func (s Sentence) String() string {
	if s.Command == "" {
		return s.Text
	}
	return s.Text + ": " + s.Command
}

// Verdict says in plain words how the run went, for somebody who has read nothing else of it. It is
// nil for a run that [Write] refuses.
func (r *Run) Verdict() []Sentence {
	if r.check() != nil {
		return nil
	}
	return r.verdict()
}

func (r *Run) verdict() (v []Sentence) {
	say := func(command, format string, args ...any) {
		v = append(v, Sentence{fmt.Sprintf(format, args...), command})
	}
	f := r.Final
	if f.Active != nil && *f.Active == 0 {
		say("", "It has learnt nothing of single images: whatever the latent point, it draws the mean of all (posterior collapse: its KL divergence is near 0). To wake it, %s.",
			cmp.Or(r.Wake, "train for more epochs, with a smaller weight of the KL term, or with more images"))
	} else if f.Active != nil && *f.Active < r.Latent {
		say("", "Of the %d latent dimensions %d say something of an image. The others are dead: fewer dimensions would do as well, more images or epochs may wake them.", r.Latent, *f.Active)
	}
	drawn, cost := r.decoderLevels()
	how := [...]string{"draws what the float32 one draws", "draws nearly what the float32 one draws", "draws worse than the float32 one"}[max(drawn, cost)]
	if f.Digits != nil && drawn == worse {
		how = "often draws another digit than the float32 one"
	}
	why := "pixel for pixel"
	switch {
	case f.Digits != nil:
		why = percent(f.Digits.Same, 1) + " of its digits are read as the same digit, by a classifier that knows nothing of either"
	case f.Int8PSNR < 100:
		why = fmt.Sprintf("their pixels differ by %s levels of 255, which is a PSNR of %.1f dB", levels(f.Int8PSNR), f.Int8PSNR)
	}
	if cost > same {
		why += fmt.Sprintf(", and an image takes %s nats more to describe", signed(f.Int8Cost, 2))
	}
	say("", "The int8 decoder %s: %s.", how, why)

	if e := f.Encoder; e != nil {
		l, why := same, ""
		switch {
		case e.Same != nil:
			l, why = grade(*e.Same, sameShare, nearShare), percent(*e.Same, 1)+" of its codes are drawn as the same digit"
		case !r.Book && r.KLWeight >= 1: // otherwise the posterior is too narrow to measure by
			l, why = grade(-e.Deviations, -sameError, -nearError), fmt.Sprintf("its codes are off by %.2f standard deviations of what the float32 one leaves open", e.Deviations)
		}
		switch l {
		case near:
			say("", "The int8 encoder is close to the float32 one: %s.", why)
		case worse:
			say("", "The int8 encoder is worse than the float32 one: %s.", why)
		}
	}

	if l := f.Likeness; l != nil && l.Linear != nil {
		if i, p := l.Int8, l.Linear; i.PSNR >= p.PSNR && i.SSIM >= p.SSIM {
			say("", "Drawn again from their codes, the test images have a PSNR of %.1f dB and an SSIM of %.3f, more than principal components of as many dimensions, which have %.1f and %.3f.", i.PSNR, i.SSIM, p.PSNR, p.SSIM)
		} else {
			say("", "Drawn again from their codes, the test images have a PSNR of %.1f dB and an SSIM of %.3f. Principal components of as many dimensions have %.1f and %.3f: it has not learnt enough, and needs more epochs or more images.", i.PSNR, i.SSIM, p.PSNR, p.SSIM)
		}
	}
	if r.classical() {
		say("", "This is a classical autoencoder: nothing orders its latent space, which has holes where nothing sensible is drawn.")
	}
	if d := f.Digits; d != nil {
		say("", "Encoded and drawn again, %s of the test images are still read as the digit that they show.", percent(d.Right, 1))
		if r.Latent == 2 && r.Commands.Full == "" { // of which the manifold shows all
			if missing := missing(d.Tiles); missing != "" {
				say("", "No tile of the manifold is read as a %s.", missing)
			}
			what := "digits that look alike share a place in latent space, and one is drawn as the other"
			if len(d.Tiles) == 10 && d.Tiles[9] > 0 && d.Tiles[4] <= d.Tiles[9]/2 {
				what = "fours and nines, which look alike, share a place in latent space, and many fours are drawn as nines"
			}
			text := fmt.Sprintf("Two numbers are not enough to describe a digit: %s.", what)
			if r.Commands.MoreDims != "" {
				text += " More numbers keep such digits apart"
			}
			say(r.Commands.MoreDims, "%s", text)
		}
	}
	if r.Commands.Full != "" {
		say(r.Commands.Full, "This was a short training, for a first look. The full one draws sharper and misses less")
	}
	if b := r.BuiltIn; b != nil && b.Same {
		say("", "The weights are those of the built-in model %s, byte for byte.", b.Name)
	} else if b != nil {
		say("", "The settings are those of the built-in model %s, the weights are not, byte for byte: another kind of processor or another version computes the last bits otherwise.", b.Name)
	}
	return v
}

// missing lists the digits that no tile shows.
func missing(tiles []int) string {
	var none []string
	for digit, n := range tiles {
		if n == 0 {
			none = append(none, fmt.Sprint(digit))
		}
	}
	if n := len(none); n > 1 {
		return strings.Join(none[:n-1], ", ") + " or " + none[n-1]
	}
	return strings.Join(none, "")
}

// percent writes a share; what is not all of it is never rounded to 100 %.
func percent(share float64, decimals int) string {
	p := 100 * share
	if share < 1 {
		p = min(p, 100-math.Pow10(-decimals))
	}
	return fmt.Sprintf("%.*f %%", decimals, p)
}

// levels writes the root mean square of the difference of pixels that a PSNR is about.
func levels(psnr float64) string { return fmt.Sprintf("%.1f", 255/math.Pow(10, psnr/20)) }
