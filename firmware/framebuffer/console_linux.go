package framebuffer

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The requests of a console (include/uapi/linux/kd.h and vt.h).
const (
	setMode     = 0x4b3a
	getMode     = 0x4b3b
	modeText    = 0
	modePicture = 1

	setSwitching = 0x5602
	switchDone   = 0x5605
	switchAuto   = 0
	switchAsks   = 1
	mayLeave     = 1
	hasCome      = 2
)

// A switching is struct vt_mode: who is asked when somebody changes to another console.
type switching struct {
	mode, wait            int8
	leave, come, obsolete int16
}

// A Console is that of a screen, which shows no text as long as it is taken. nil is none.
type Console struct {
	tty     *os.File
	own     bool // the file is not somebody else's
	before  int  // the mode that it had
	changes chan os.Signal
	keeper  *keeper
	once    sync.Once
}

// ErrGraphics is in the error of a console that shows no text already: a desktop has the screen.
var ErrGraphics = errors.New("the console is in graphics mode: a desktop has the screen, and covers what is drawn")

// TakeConsole has the console of the screen show no text: that of in, where it is one, or else the
// one that is seen now, for which the program must be root's or a service with that terminal. When
// somebody changes to another console left is called, and come after the change back. If the
// program is killed, a process that runs [Keep] gives the console back.
func TakeConsole(in *os.File, left, come func()) (*Console, error) {
	c := &Console{tty: in}
	mode, err := c.mode()
	if err != nil {
		if c.tty, err = os.OpenFile("/dev/tty0", os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
			return nil, err
		}
		c.own = true
		mode, err = c.mode()
	}
	if err == nil && mode != modeText {
		err = ErrGraphics
	}
	if err != nil {
		c.closeFile()
		return nil, err
	}
	c.before = mode
	c.keeper = startKeeper(c.tty) // before anything is changed
	if err := c.enter(); err != nil {
		c.keeper.stop(true)
		c.closeFile()
		return nil, fmt.Errorf("the console: %w", err)
	}
	c.changes = make(chan os.Signal, 4)
	signal.Notify(c.changes, unix.SIGUSR1, unix.SIGUSR2)
	go func() {
		for s := range c.changes {
			if s == unix.SIGUSR1 {
				left()
				unix.IoctlSetInt(int(c.tty.Fd()), switchDone, mayLeave)
			} else {
				unix.IoctlSetInt(int(c.tty.Fd()), switchDone, hasCome)
				come()
			}
		}
	}()
	return c, nil
}

// mode is KD_TEXT or KD_GRAPHICS; what is no console has none.
func (c *Console) mode() (int, error) {
	var mode int32
	if err := ioctl(c.tty, getMode, unsafe.Pointer(&mode)); err != nil {
		return 0, err
	}
	return int(mode), nil
}

func (c *Console) enter() error {
	if err := unix.IoctlSetInt(int(c.tty.Fd()), setMode, modePicture); err != nil {
		return err
	}
	asks := switching{mode: switchAsks, leave: int16(unix.SIGUSR1), come: int16(unix.SIGUSR2)}
	ioctl(c.tty, setSwitching, unsafe.Pointer(&asks)) // else changes are not told, no more
	return nil
}

// giveBack has a console show text again.
func giveBack(tty *os.File, mode int) error {
	auto := switching{mode: switchAuto}
	ioctl(tty, setSwitching, unsafe.Pointer(&auto))
	return unix.IoctlSetInt(int(tty.Fd()), setMode, mode)
}

// Pause gives the console back until Resume.
func (c *Console) Pause() {
	if c != nil {
		giveBack(c.tty, c.before)
	}
}

// Resume takes it again.
func (c *Console) Resume() {
	if c != nil {
		c.enter()
	}
}

// Close gives the console back.
func (c *Console) Close() (err error) {
	if c == nil {
		return nil
	}
	c.once.Do(func() {
		err = giveBack(c.tty, c.before) // first: nobody may be asked who does not answer any more
		signal.Stop(c.changes)
		close(c.changes)
		c.keeper.stop(err == nil)
		c.closeFile()
	})
	return err
}

func (c *Console) closeFile() {
	if c.own {
		c.tty.Close()
	}
}

// keeperName is what the process is called that gives a console back.
const keeperName = "vae-edge: gives the console back"

// A keeper is a process that outlives this one, to give the console back if that is killed. nil is
// one that could not be started.
type keeper struct {
	process *os.Process
	line    *os.File // open as long as this process lives
}

// keeperTime is how long a keeper may take to start.
const keeperTime = 3 * time.Second

// startKeeper returns the keeper of a console once it knows how that is now.
func startKeeper(tty *os.File) *keeper {
	in, line, err := os.Pipe()
	if err != nil {
		return nil
	}
	defer in.Close()
	said, out, err := os.Pipe()
	if err != nil {
		line.Close()
		return nil
	}
	defer said.Close()
	p, err := os.StartProcess("/proc/self/exe", []string{keeperName}, &os.ProcAttr{
		Files: []*os.File{in, out, nil, tty}, Env: []string{},
		// A process group of its own, which Ctrl-C does not reach; the same session, whose terminal
		// it is
		Sys: &unix.SysProcAttr{Setpgid: true},
	})
	out.Close()
	if err != nil {
		line.Close()
		return nil
	}
	k := &keeper{p, line}
	said.SetReadDeadline(time.Now().Add(keeperTime))
	if n, _ := said.Read(make([]byte, 1)); n == 0 {
		p.Kill()
		k.stop(true)
		return nil
	}
	return k
}

// stop ends the keeper, which has nothing to do if all is done already.
func (k *keeper) stop(done bool) {
	if k != nil {
		if done {
			k.line.Write([]byte{'q'})
		}
		k.line.Close()
		k.process.Wait()
	}
}

// Keep does what a process is for that [TakeConsole] has started, and reports whether this is one.
// A program that takes consoles calls it before anything else, and ends if it is true.
func Keep() bool {
	if os.Args[0] != keeperName {
		return false
	}
	signal.Ignore(unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT, unix.SIGTSTP, unix.SIGTTOU, unix.SIGTTIN)
	tty := os.NewFile(3, "console")
	settings, unset := unix.IoctlGetTermios(3, unix.TCGETS)
	number, unnumbered := unix.IoctlGetUint32(3, unix.TIOCGDEV)
	mode, err := (&Console{tty: tty}).mode()
	if err != nil {
		return true
	}
	os.Stdout.Write([]byte{'r'})
	if n, _ := os.Stdin.Read(make([]byte, 1)); n == 0 { // it has ended without a word
		// If the terminal has hung up with its session, the same one is opened anew. The one that
		// is seen now may be a desktop's.
		if giveBack(tty, mode) != nil && unnumbered == nil {
			if tty, err := os.OpenFile(fmt.Sprintf("/dev/tty%d", unix.Minor(uint64(number))), os.O_RDWR|unix.O_NOCTTY, 0); err == nil {
				giveBack(tty, mode)
			}
		}
		if unset == nil {
			unix.IoctlSetTermios(3, unix.TCSETS, settings)
		}
	}
	return true
}
