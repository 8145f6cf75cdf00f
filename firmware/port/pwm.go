package port

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// PWMClass is the folder where the kernel has its PWM chips:
// Documentation/ABI/testing/sysfs-class-pwm.
const PWMClass = "/sys/class/pwm"

// A Channel names an output with pulse width modulation in hardware: pwm0.1 is channel 1 of
// pwmchip0.
type Channel struct{ Chip, Channel int }

// ParseChannel reads the name of a channel, such as pwm0.1.
func ParseChannel(v string) (c Channel, ok bool) {
	rest, ok := strings.CutPrefix(v, "pwm")
	chip, channel, dot := strings.Cut(rest, ".")
	var errs [2]error
	c.Chip, errs[0] = parseSmall(chip)
	c.Channel, errs[1] = parseSmall(channel)
	return c, ok && dot && errors.Join(errs[:]...) == nil
}

// String is the name that ParseChannel reads.
func (c Channel) String() string { return fmt.Sprintf("pwm%d.%d", c.Chip, c.Channel) }

// NoPWM says how to get a channel with pulse width modulation.
func NoPWM(c Channel) error {
	return Setupf("no PWM channel %v: dtoverlay=pwm,pin=18,func=2 in %s gives GPIO18 one, dtoverlay=pwm,pin=13,func=4 GPIO13; ls %s shows the chips", c, ConfigTxt, PWMClass)
}

// RefusedPWM adds the cure to the error of a channel's file.
func RefusedPWM(c Channel, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return Setupf("%v, the panel's backlight: %w: %s", c, err, PermissionCure)
	case errors.Is(err, syscall.ENODEV):
		return Setupf("%v, the panel's backlight: the chip has fewer channels: cat %s/pwmchip%d/npwm says how many", c, PWMClass, c.Chip)
	case errors.Is(err, syscall.EBUSY):
		return fmt.Errorf("%v, the panel's backlight, is in use by a driver of the kernel: remove its overlay from %s", c, ConfigTxt)
	}
	return fmt.Errorf("%v, the panel's backlight: %w", c, err)
}

// A pwmPin is a backlight on a PWM channel.
type pwmPin struct {
	Channel
	chip, dir string
	exported  bool // by us
}

// exportTime is how long udev may take to hand an exported channel to the group of its rules.
const exportTime = 2 * time.Second

// openPWM asks the kernel for a channel. Its errors name the cure. class is PWMClass.
func openPWM(class string, c Channel) (*pwmPin, error) {
	p := &pwmPin{Channel: c, chip: filepath.Join(class, fmt.Sprintf("pwmchip%d", c.Chip))}
	p.dir = filepath.Join(p.chip, fmt.Sprintf("pwm%d", c.Channel))
	if _, err := os.Stat(p.chip); errors.Is(err, fs.ErrNotExist) {
		return nil, NoPWM(c)
	}
	if _, err := os.Stat(p.dir); errors.Is(err, fs.ErrNotExist) {
		if err := p.write(p.chip, "export", c.Channel); err != nil {
			return nil, RefusedPWM(c, err)
		}
		p.exported = true
	}
	err := p.Out(gpio.Low)
	for deadline := time.Now().Add(exportTime); p.exported && err != nil && time.Now().Before(deadline); err = p.Out(gpio.Low) {
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		p.Close()
		return nil, RefusedPWM(c, err)
	}
	return p, nil
}

// Close gives the channel back, which switches it off.
func (p *pwmPin) Close() {
	if p.exported {
		p.write(p.chip, "unexport", p.Channel.Channel)
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
func (p *pwmPin) Name() string     { return p.Channel.String() }
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
