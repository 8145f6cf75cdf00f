package player

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/model"
)

// A modelFile is the model's file, and its state when last read.
type modelFile struct {
	name string
	// How often it is checked; a changed file is read once it has been still for as long
	poll time.Duration
	seen fileState
	// again has an unchanged file read, because reading it failed.
	again bool
	// encoder is the file of the model's encoder; "": none is needed. When it changes, a model that
	// could not be shown is read again.
	encoder string
	lacking bool

	stat func(string) (fs.FileInfo, error)
	read func(string) (*model.Model, error)
}

// A fileState tells whether the files of a model have changed.
type fileState struct {
	info, encoder fs.FileInfo // nil: there is none, or no access to it
}

func (s fileState) same(t fileState) bool { return sameFile(s.info, t.info) }

func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == b
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

func (f *modelFile) look() (s fileState) {
	s.info, _ = f.stat(f.name)
	if f.encoder != "" {
		s.encoder, _ = f.stat(f.encoder)
	}
	return s
}

// builtIn reports whether the model is built in.
func (f *modelFile) builtIn() bool { return pretrained.Has(f.name) }

// A successor is a checked decoder of the new file, or the reason why there is none.
type successor struct {
	decoder *decoder.Decoder
	err     error
	asked   bool // by a hangup
}

// watch reads the file when it has changed, and at a hangup, until the context ends.
func (f *modelFile) watch(ctx context.Context, hangups <-chan os.Signal) <-chan successor {
	found := make(chan successor)
	var poll <-chan time.Time // never, for a built-in model
	if !f.builtIn() {
		ticker := time.NewTicker(f.poll)
		context.AfterFunc(ctx, ticker.Stop)
		poll = ticker.C
	}
	go func() {
		unquiet := f.seen
		for {
			asked := false
			select {
			case <-ctx.Done():
				return
			case <-hangups:
				asked = true
			case <-poll:
			}
			now := f.look()
			if !asked {
				changed := !now.same(f.seen) || f.lacking && !sameFile(now.encoder, f.seen.encoder)
				quiet := now.same(unquiet) && sameFile(now.encoder, unquiet.encoder)
				unquiet = now
				if !quiet || !changed && !f.again {
					continue
				}
			}
			f.seen, unquiet = now, now
			d, err := f.load()
			f.again, f.lacking = errors.As(err, new(*fs.PathError)), err != nil
			select {
			case found <- successor{d, err, asked}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return found
}

// load reads the model and checks all of it.
func (f *modelFile) load() (*decoder.Decoder, error) {
	m, err := f.read(f.name)
	if err != nil {
		return nil, err
	}
	if f.encoder != "" {
		if _, err := pictures.Open(f.name, m); err != nil {
			return nil, err
		}
	}
	d, err := decoder.New(m)
	if err != nil {
		return nil, err
	}
	return d, d.SelfCheck()
}
