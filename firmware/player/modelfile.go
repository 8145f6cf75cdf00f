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

// A modelFile is where the model comes from, and how its file was when it was read last.
type modelFile struct {
	name string
	// How often it is looked at; one that has changed is read when it has been quiet for as long
	poll time.Duration
	seen fileState
	// again has the file read although it is as it was: what failed was reading it.
	again bool
	// encoder is the file of the model's encoder; "": none is needed. That it has changed has a
	// model read again which could not be shown.
	encoder string
	lacking bool

	stat func(string) (fs.FileInfo, error)
	read func(string) (*model.Model, error)
}

// A fileState tells whether the files of a model have changed.
type fileState struct {
	info, encoder fs.FileInfo // nil: there is none, or it cannot be looked at
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

// builtIn reports whether the model is one that is part of the program.
func (f *modelFile) builtIn() bool {
	_, ok := pretrained.Weights(f.name)
	return ok
}

// A successor is what has become of the model's file: a decoder that has been checked, or the
// reason why there is none.
type successor struct {
	decoder *decoder.Decoder
	err     error
	asked   bool // by a hangup
}

// watch looks after the file until the context ends, and reads it at a hangup.
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

// load reads the model and checks everything that can be wrong with it.
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
