package keys

import (
	"io"
	"time"
	"unicode/utf8"
)

// Help says in a line what the keys of a terminal do, first how to get out: a narrow terminal has
// room for a few.
const Help = "q: quit  arrows: move  n: next scene  space: resume  ?: keys"

// ZoomHelp says the same of a scene that comes closer, too, StillHelp of one that keys do not move,
// and DialsHelp of scenes of what has attributes.
const ZoomHelp = "q: quit  arrows: move  + -: zoom  n: next scene  space: resume  ?: keys"

const StillHelp = "q: quit  n: next scene  ?: keys"

const DialsHelp = "q: quit  up down: attribute  left right: amount  n: next scene  space: resume  ?: keys"

// Listen lets what is typed on a terminal in raw mode work the controls, until a key ends the
// program. Another key suspends it.
func Listen(in io.Reader, c *Controls, quit, suspend func()) {
	var buf [64]byte
	var p parser
	for {
		n, err := in.Read(buf[:])
		if err != nil {
			return
		}
		for _, b := range buf[:n] {
			switch key := p.next(b); key {
			case 0:
			case 'q', 'Q', interrupt:
				quit()
				return
			case stop:
				suspend()
			default:
				if i, ok := typed[key]; ok {
					c.Tap(i, time.Now())
				}
			}
		}
	}
}

// Keys that are no character.
const (
	keyUp = utf8.MaxRune + 1 + iota
	keyDown
	keyRight
	keyLeft
)

// Ctrl-C and Ctrl-Z, which are keys like any other in raw mode.
const interrupt, stop = 0x03, 0x1a

// typed says what the keys of a terminal are for.
var typed = map[rune]Intent{
	keyUp: MoveUp, keyDown: MoveDown, keyRight: MoveRight, keyLeft: MoveLeft,
	'+': MoveCloser, '=': MoveCloser, '-': MoveAway, '_': MoveAway, 'n': NextScene, 'N': NextScene, '\t': NextScene, ' ': GoOn, '?': Explain,
}

// A parser makes keys of the bytes that a terminal sends: characters, and escape sequences
// (ECMA-48), of which it understands the arrows, with modifiers or without, and skips the others
// whole.
type parser struct{ state parserState }

type parserState int

const (
	ground   parserState = iota
	escape               // after ESC
	sequence             // after ESC [
	single               // after ESC O: one more byte
	text                 // after ESC ] and its like: up to BEL or ESC \
	textEnd              // after ESC in text
)

// next returns the key that the byte completes, or 0.
func (p *parser) next(b byte) rune {
	const esc, bell = 0x1b, 0x07
	state := p.state
	p.state = ground
	switch {
	case b == interrupt || b == stop:
		return rune(b)
	case b == esc && state == text:
		p.state = textEnd
		return 0
	case b == esc:
		p.state = escape
		return 0
	}
	switch state {
	case ground:
		return rune(b)
	case escape:
		switch b {
		case '[':
			p.state = sequence
		case 'O':
			p.state = single
		case ']', 'P', '_', '^', 'X':
			p.state = text
		default:
			return rune(b) // the key with Alt, or after the key Esc
		}
		return 0
	case sequence:
		if b >= 0x20 && b < 0x40 { // parameters
			p.state = sequence
			return 0
		}
	case text, textEnd:
		if state == text && b != bell {
			p.state = text
		}
		return 0
	}
	if b >= 'A' && b <= 'D' {
		return keyUp + rune(b-'A')
	}
	return 0
}
