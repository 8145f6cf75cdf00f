package diagnose

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// Verify prints lines for every backend of this CPU: its name, the hash of what a decoder or an
// encoder computes there, and whether that is the committed one. It does so for the synthetic and
// all built-in models or, where name is not empty, for the model of that name or file, which is
// held to the generic backend. The last line sums up.
func Verify(ctx context.Context, w io.Writer, name string) error {
	lines := &tally{Writer: w}
	err := verify(ctx, lines, name)
	if lines.all == 0 || err != nil && lines.ok == lines.all {
		return err
	}
	sum := fmt.Sprintf("%d of %d ok", lines.ok, lines.all)
	if err == nil {
		sum += ": this CPU draws the same pixels"
	}
	if _, failed := fmt.Fprintln(w, sum); err == nil {
		err = failed
	}
	return err
}

// A tally counts the lines of backends.
type tally struct {
	io.Writer
	ok, all int
}

func verify(ctx context.Context, w *tally, name string) error {
	// All backends are checked, but a name that is none is a mistake here as elsewhere.
	if _, err := kernels.Select(""); err != nil {
		return err
	}
	if name != "" {
		m, err := decoder.Open(name)
		if err != nil {
			return err
		}
		generic := kernels.Backends()[0].String()
		failed := verifyHash(ctx, w, decoderHash(m), name, "", generic)
		em, err := pictures.Open(name, m)
		if errors.Is(err, pictures.ErrNone) {
			return failed
		}
		if err != nil {
			return errors.Join(failed, err)
		}
		return errors.Join(failed, verifyHash(ctx, w, encoderHash(em), name+", encoder", "", generic))
	}
	committed := func(m, em *model.Model, name string) error {
		decoded, _ := decoder.Golden(name) // none is as bad as another
		encoded, _ := pictures.Golden(name)
		return errors.Join(
			verifyHash(ctx, w, decoderHash(m), name, decoded, "committed"),
			verifyHash(ctx, w, encoderHash(em), name+", encoder", encoded, "committed"))
	}
	dense, _ := decoder.Golden("synthetic-dense")
	failed := errors.Join(
		committed(model.Synthetic(), model.Synthetic(), "synthetic"),
		committed(model.SyntheticLeaky(), model.SyntheticLeaky(), "synthetic-leaky"),
		verifyHash(ctx, w, decoderHash(model.SyntheticDense()), "synthetic-dense", dense, "committed"))
	for _, name := range pretrained.Names() {
		m, err := decoder.Open(name)
		if err != nil {
			return err
		}
		em, err := pictures.Open(name, m)
		if errors.Is(err, pictures.ErrNone) { // a generator
			decoded, _ := decoder.Golden(name)
			failed = errors.Join(failed, verifyHash(ctx, w, decoderHash(m), name, decoded, "committed"))
			continue
		}
		if err != nil {
			return err
		}
		failed = errors.Join(failed, committed(m, em, name))
	}
	return failed
}

func decoderHash(m *model.Model) func(kernels.Backend) (string, error) {
	return func(b kernels.Backend) (string, error) { return decoder.Hash(m, b) }
}

func encoderHash(m *model.Model) func(kernels.Backend) (string, error) {
	return func(b kernels.Backend) (string, error) { return pictures.Hash(m, b) }
}

// verifyHash prints the lines for one model's decoder or encoder. The hash that is wanted comes
// from source, which may be the first backend.
func verifyHash(ctx context.Context, w *tally, hash func(kernels.Backend) (string, error), name, want, source string) error {
	wrong := 0
	for _, b := range kernels.Backends() {
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		got, err := hash(b)
		if err != nil {
			return err
		}
		if source == b.String() {
			want = got
		}
		verdict := "ok     " + name + ", as " + source
		if got != want {
			verdict = fmt.Sprintf("not ok %s, %s is %q", name, source, want)
			wrong++
		} else {
			w.ok++
		}
		w.all++
		if _, err := fmt.Fprintf(w, "%-12v %s  %s\n", b, got, plain.Text(verdict)); err != nil {
			return err
		}
	}
	if wrong > 0 {
		return fmt.Errorf("model %s: wrong hashes on %d of %d backends", name, wrong, len(kernels.Backends()))
	}
	return nil
}
