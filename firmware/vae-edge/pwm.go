package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// pwmClass is where the kernel has its PWM chips: Documentation/ABI/testing/sysfs-class-pwm.
const pwmClass = "/sys/class/pwm"

// A pwmChannel names an output with pulse width modulation in hardware: pwm0.1 is channel 1 of pwmchip0.
type pwmChannel struct{ chip, channel int }

// parsePWM reads pwm0.1.
func parsePWM(v string) (c pwmChannel, ok bool) {
	rest, ok := strings.CutPrefix(v, "pwm")
	chip, channel, dot := strings.Cut(rest, ".")
	var errs [2]error
	c.chip, errs[0] = parseDigits(chip)
	c.channel, errs[1] = parseDigits(channel)
	return c, ok && dot && errors.Join(errs[:]...) == nil
}

func (c pwmChannel) String() string { return fmt.Sprintf("pwm%d.%d", c.chip, c.channel) }

// A pwmPin is a backlight on a PWM channel.
type pwmPin struct {
	pwmChannel
	chip, dir string
	exported  bool // by us
}

// exportTime is how long udev may take to hand an exported channel to the group of its rules.
const exportTime = 2 * time.Second

// openPWM asks the kernel for a channel. Its errors name the cure. class is pwmClass.
func openPWM(class string, c pwmChannel) (*pwmPin, error) {
	p := &pwmPin{pwmChannel: c, chip: filepath.Join(class, fmt.Sprintf("pwmchip%d", c.chip))}
	p.dir = filepath.Join(p.chip, fmt.Sprintf("pwm%d", c.channel))
	if _, err := os.Stat(p.chip); errors.Is(err, fs.ErrNotExist) {
		return nil, noPWM(c)
	}
	if _, err := os.Stat(p.dir); errors.Is(err, fs.ErrNotExist) {
		if err := p.write(p.chip, "export", c.channel); err != nil {
			return nil, refusedPWM(c, err)
		}
		p.exported = true
	}
	err := p.Out(gpio.Low)
	for deadline := time.Now().Add(exportTime); p.exported && err != nil && time.Now().Before(deadline); err = p.Out(gpio.Low) {
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		p.Close()
		return nil, refusedPWM(c, err)
	}
	return p, nil
}

// Close gives the channel back, which switches it off.
func (p *pwmPin) Close() {
	if p.exported {
		p.write(p.chip, "unexport", p.channel)
	}
}

func (*pwmPin) write(dir, file string, value int) error {
	f, err := os.OpenFile(filepath.Join(dir, file), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strconv.Itoa(value))
	return errors.Join(err, f.Close())
}

// Name implements pin.Pin, as the four below it do.
func (p *pwmPin) Name() string     { return p.pwmChannel.String() }
func (p *pwmPin) Number() int      { return -1 }
func (p *pwmPin) Function() string { return "PWM" }
func (p *pwmPin) Halt() error      { return p.Out(gpio.Low) }

// Out implements gpio.PinOut.
func (p *pwmPin) Out(l gpio.Level) error {
	duty := gpio.Duty(0)
	if l {
		duty = gpio.DutyMax
	}
	return p.PWM(duty, physic.KiloHertz)
}

// PWM implements gpio.PinOut.
func (p *pwmPin) PWM(d gpio.Duty, f physic.Frequency) error {
	period := int(f.Period() / time.Nanosecond)
	// A duty cycle must never be longer than the period, whichever was there before.
	for _, w := range []struct {
		file  string
		value int
	}{{"duty_cycle", 0}, {"period", period}, {"duty_cycle", int(int64(period) * int64(d) / int64(gpio.DutyMax))}, {"enable", 1}} {
		if err := p.write(p.dir, w.file, w.value); err != nil {
			return err
		}
	}
	return nil
}
