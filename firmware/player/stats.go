package player

import (
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/pipeline"
	"github.com/vae-edge/vae-edge/model"
)

// A stopwatch is a decoder that adds up the time it takes.
type stopwatch struct {
	decoder *decoder.Decoder
	took    *atomic.Int64 // nanoseconds
}

func (s *stopwatch) Model() *model.Model { return s.decoder.Model() }

func (s *stopwatch) Decode(picture []uint8, point []int16) {
	start := time.Now()
	s.decoder.Decode(picture, point)
	s.took.Add(int64(time.Since(start)))
}

// A measure is the figures of a stretch of time.
type measure struct {
	pipeline.Stats
	decode time.Duration
	paced  bool // there is a rate, so frames can be dropped
}

func (m measure) since(before measure) measure {
	return measure{m.Stats.Since(before.Stats), m.decode - before.decode, m.paced}
}

// append appends the measure as text. Two spaces part what may stand on lines of its own.
func (m measure) append(b []byte) []byte {
	b = strconv.AppendFloat(b, m.FPS(), 'f', 1, 64)
	b = append(b, " fps"...)
	if m.Bytes > 0 {
		b = append(b, "  "...)
		b = strconv.AppendFloat(b, m.BytesPerFrame()/1000, 'f', 1, 64)
		b = append(b, " kB/frame"...)
	}
	if m.Wire > 0 {
		b = append(b, "  wire "...)
		b = strconv.AppendFloat(b, 100*m.Share(), 'f', 0, 64)
		b = append(b, '%')
	}
	b = append(b, "  decode "...)
	perFrame := 0.0
	if m.Frames > 0 {
		perFrame = float64(m.decode.Microseconds()) / 1000 / float64(m.Frames)
	}
	b = strconv.AppendFloat(b, perFrame, 'f', 2, 64)
	b = append(b, " ms"...)
	if m.paced {
		b = append(b, "  "...)
		b = strconv.AppendInt(b, m.Dropped, 10)
		b = append(b, " dropped"...)
	}
	if m.Failures > 0 {
		b = append(b, "  "...)
		b = strconv.AppendInt(b, m.Failures, 10)
		b = append(b, " failed"...)
	}
	return b
}

// attrs are the figures for whoever reads logs by program.
func (m measure) attrs() []slog.Attr {
	return []slog.Attr{
		slog.Int64("frames", m.Frames), slog.Float64("seconds", m.Elapsed.Seconds()), slog.Float64("fps", m.FPS()),
		slog.Float64("bytes_per_frame", m.BytesPerFrame()), slog.Float64("wire_share", m.Share()),
		slog.Float64("decode_seconds", m.decode.Seconds()), slog.Int64("dropped", m.Dropped), slog.Int64("failures", m.Failures),
	}
}

// A meter makes a text of what went on in the last second. It is asked before every frame.
type meter struct {
	read   func() measure // all from the start
	before measure
	next   time.Time
	last   measure // of the last second
	text   []byte  // its text; empty before the first second is over
}

// tick returns whether there is a new text.
func (m *meter) tick(now time.Time) bool {
	if m.next.IsZero() {
		m.before, m.next = m.read(), now.Add(time.Second)
		return false
	}
	if now.Before(m.next) {
		return false
	}
	all := m.read()
	m.last = all.since(m.before)
	m.text = m.last.append(m.text[:0])
	m.before, m.next = all, now.Add(time.Second)
	return true
}

// total is the text for all of the time, at the end.
func (m *meter) total() ([]byte, measure) {
	all := m.read()
	return all.append(fmt.Appendf(nil, "%d frames in %.2f s: ", all.Frames, all.Elapsed.Seconds())), all
}
