package night

import (
	"testing"
	"time"
)

func TestSchedule(t *testing.T) {
	dim, err := ParseDim("22:00-7:00=10, 7-8:30=50%")
	if err != nil {
		t.Fatal(err)
	}
	off, err := ParseOff("23:00-06:30")
	if err != nil {
		t.Fatal(err)
	}
	s := append(dim, off...)
	for at, want := range map[string]int{
		"21:59": 100, "22:00": 10, "22:59": 10, "23:00": 0, "00:00": 0, "06:29": 0, "06:30": 10, "06:59": 10, "07:00": 50, "08:29": 50, "08:30": 100, "12:00": 100,
	} {
		when, err := time.Parse("15:04", at)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Percent(when); got != want {
			t.Errorf("%s: %d percent, want %d", at, got, want)
		}
	}
	if got := Schedule(nil).Percent(time.Now()); got != 100 {
		t.Errorf("%d percent without a schedule", got)
	}
}

func TestParse(t *testing.T) {
	for _, v := range []string{"", "22:00", "22:00-7:00", "22:00-7:00=", "22:00-7:00=0", "22:00-7:00=101", "22:00-22:00=5", "24:30-7=5", "22:0-7:00=5", "22:60-7:00=5", "a-b=5", "22-7=5,", "-1-7=5"} {
		if s, err := ParseDim(v); err == nil {
			t.Errorf("%q is %v", v, s)
		}
	}
	for _, v := range []string{"", "23:00", "23:00-6:30=0", "5-5", "0-24"} {
		if s, err := ParseOff(v); err == nil {
			t.Errorf("%q is %v", v, s)
		}
	}
	if s, err := ParseOff("22-24"); err != nil || s[0] != (Span{22 * 60, 0, 0}) {
		t.Errorf("%v, error %v", s, err)
	}
}
