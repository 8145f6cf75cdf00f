package folder

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// program returns a WebAssembly module that has a memory and, between two other sections, data.
func program(section []byte) []byte {
	m := []byte("\x00asm\x01\x00\x00\x00" + "\x05\x03\x01\x00\x01")
	m = append(binary.AppendUvarint(append(m, 11), uint64(len(section))), section...)
	return append(m, 0, 2, 1, 'x')
}

func segments(all ...any) []byte {
	out := []byte{byte(len(all) / 2)}
	for i := 0; i < len(all); i += 2 {
		data := all[i+1].(string)
		out = append(appendSigned(append(out, 0, 0x41), int64(all[i].(int))), 0x0b)
		out = append(append(out, byte(len(data))), data...)
	}
	return out
}

func TestJoined(t *testing.T) {
	// 70 needs two bytes as a signed number: 64 is the sign of one.
	got, err := joined(program(segments(70, "ab", 82, "c", 83, "d", 83+maxGap+2, "e", 40, "f")))
	if err != nil {
		t.Fatal(err)
	}
	want := program(segments(70, "ab\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00cd", 83+maxGap+2, "e", 40, "f"))
	if !bytes.Equal(got, want) {
		t.Errorf("% x\nwant\n% x", got, want)
	}
	if again, err := joined(got); err != nil || !bytes.Equal(again, got) {
		t.Errorf("again: %v\n% x", err, again)
	}
	// What is cut, or of another form, is an error.
	whole := program(segments(70, "ab", 82, "c"))
	for n := range len(whole) - 4 {
		if n != 8 && n != 13 { // between sections
			if _, err := joined(whole[:n]); err == nil {
				t.Errorf("cut to %d bytes: no error", n)
			}
		}
	}
	for _, i := range []int{15, 16, 17, 20} { // the count, the first head but for where
		odd := bytes.Clone(whole)
		odd[i] ^= 0x42
		if _, err := joined(odd); err == nil {
			t.Errorf("byte %d changed: no error", i)
		}
	}
}
