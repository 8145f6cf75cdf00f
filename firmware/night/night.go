// Package night says how bright a display is to be at what time of day.
package night

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// A Span is a time of day with the brightness that a display has then. It may go past midnight.
type Span struct {
	From, To int // minutes of the day; the last is not in it
	Percent  int // 0 is dark
}

// A Schedule is any number of spans. Outside of all of them it is as bright as can be, and where
// several are the darkest counts.
type Schedule []Span

// Percent is the brightness at a time, in the time's zone.
func (s Schedule) Percent(at time.Time) int {
	hour, minute, _ := at.Clock()
	now, percent := 60*hour+minute, 100
	for _, p := range s {
		in := p.From <= now && now < p.To
		if p.From > p.To {
			in = now >= p.From || now < p.To
		}
		if in {
			percent = min(percent, p.Percent)
		}
	}
	return percent
}

// ParseDim reads spans with their brightness, such as 22:00-7:00=10, with commas between.
func ParseDim(v string) (Schedule, error) {
	return parse(v, func(v string) (string, int, bool) {
		times, percent, ok := strings.Cut(v, "=")
		n, err := strconv.Atoi(strings.TrimSuffix(percent, "%"))
		return times, n, ok && err == nil && n >= 1 && n <= 100
	}, "want a time of day and a percentage such as 22:00-7:00=10")
}

// ParseOff reads spans without light, such as 23:00-6:30, with commas between.
func ParseOff(v string) (Schedule, error) {
	return parse(v, func(v string) (string, int, bool) { return v, 0, true }, "want a time of day such as 23:00-6:30")
}

func parse(v string, split func(v string) (times string, percent int, ok bool), want string) (all Schedule, err error) {
	for part := range strings.SplitSeq(v, ",") {
		times, percent, ok := split(strings.TrimSpace(part))
		from, to, dash := strings.Cut(times, "-")
		p := Span{Percent: percent}
		var errs [2]error
		p.From, errs[0] = minutes(from)
		p.To, errs[1] = minutes(to)
		if !ok || !dash || errors.Join(errs[:]...) != nil || p.From == p.To {
			return nil, errors.New(want)
		}
		all = append(all, p)
	}
	return all, nil
}

// minutes reads 7:00, 07:00 or 7; 24:00 is midnight.
func minutes(v string) (int, error) {
	hours, minutes, colon := strings.Cut(v, ":")
	if !colon {
		minutes = "00"
	}
	h, err := strconv.ParseUint(hours, 10, 8)
	m, wrong := strconv.ParseUint(minutes, 10, 8)
	if err = errors.Join(err, wrong); err != nil || len(minutes) != 2 || len(hours) > 2 || m > 59 || 60*h+m > 24*60 {
		return 0, errors.New("not a time of day")
	}
	return int(60*h+m) % (24 * 60), nil
}
