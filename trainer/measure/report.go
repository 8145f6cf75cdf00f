package measure

import (
	"fmt"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
)

// A Report is what is measured of a pair of models of that name and so many latent dimensions.
type Report struct {
	Model string
	Dims  int
	Score
	LatentSpace
}

// String is the figures in a line each.
func (r Report) String() string {
	var w strings.Builder
	fmt.Fprintf(&w, "%s, %s latent dimensions, on %s test images; figures for an image\n\n", r.Model, plain.Comma(r.Dims), plain.Comma(r.Images))
	fmt.Fprintf(&w, "-ELBO, float32       %9.2f nats\n", r.FloatELBO)
	fmt.Fprintf(&w, "  reconstruction     %9.2f nats\n", r.FloatBCE)
	fmt.Fprintf(&w, "  KL divergence      %9.2f nats\n", r.Score.KL)
	if r.IWAE != nil {
		fmt.Fprintf(&w, "with %-14s  %9.2f nats, importance-weighted\n", plain.Comma(r.IWAESamples)+" samples", *r.IWAE)
	}
	fmt.Fprintf(&w, "-ELBO, int8          %9.2f nats\n", r.Int8ELBO)
	fmt.Fprintf(&w, "  cost of int8       %9.3f nats\n", r.Int8Cost)
	fmt.Fprintf(&w, "PSNR, int8 to float  %9.1f dB\n", r.Int8PSNR)
	if r.BookLoss != 0 {
		fmt.Fprintf(&w, "book's loss          %9.4f\n", r.BookLoss)
	}
	if r.Agreement != nil {
		fmt.Fprintf(&w, "\n%v\n", r.Agreement)
	}
	if r.EncoderScore != nil {
		fmt.Fprintf(&w, "\n%v\n", r.EncoderScore)
	}
	fmt.Fprintf(&w, "\nactive dimensions    %9d of %d\n", r.Active, r.Dims)
	fmt.Fprintf(&w, "KL by dimension     %s nats\n", lines(r.LatentSpace.KL, "                    "))
	fmt.Fprintf(&w, "change between cells %9.2f grey levels of 255, at most %.2f, on a %d x %d grid by int8\n", r.Mean, r.Largest, FinestSide, FinestSide)
	return w.String()
}

// lines writes figures in lines of at most ten.
func lines(values []float64, indent string) string {
	var s strings.Builder
	for i, v := range values {
		if i > 0 && i%10 == 0 {
			s.WriteString("\n" + indent)
		}
		fmt.Fprintf(&s, " %5.2f", v)
	}
	return s.String()
}
