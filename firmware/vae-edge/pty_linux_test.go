package main

import (
	"fmt"
	"image"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/terminal/termtest"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/model"
)

// What a window is entered and left with, as package terminal has it.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	leaveScreen = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
)

// A window is a pseudo terminal with an emulator behind it.
type window struct {
	t             *testing.T
	master, slave *os.File
	mu            sync.Mutex
	log           strings.Builder
	emulator      *termtest.Emulator
}

func newWindow(t *testing.T, cols, rows uint16) *window {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo terminals: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	w := &window{t: t, master: master, slave: slave, emulator: termtest.New(int(cols), int(rows))}
	w.resize(cols, rows)
	go io.Copy(w, master)
	return w
}

func (w *window) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log.Write(b)
	return w.emulator.Write(b)
}

func (w *window) resize(cols, rows uint16) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.emulator
	e.Cols, e.Rows = int(cols), int(rows)
	clear(e.Cells)
	clear(e.Glyphs)
	if err := unix.IoctlSetWinsize(int(w.master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols}); err != nil {
		w.t.Fatal(err)
	}
}

// wait waits until the emulator is as it should be.
func (w *window) wait(what string, ok func(e *termtest.Emulator) bool) {
	w.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		w.mu.Lock()
		done := ok(w.emulator)
		w.mu.Unlock()
		if done {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.t.Fatalf("no %s; trouble %q, written: %.300q", what, w.emulator.Trouble, w.log.String())
}

// line is the last line of text. Whoever calls it waits, or nothing is written any more.
func (w *window) line() string {
	var b strings.Builder
	for x := range w.emulator.Cols {
		b.WriteRune(w.emulator.Glyphs[image.Pt(x, w.emulator.Rows-1)])
	}
	return b.String()
}

// start starts vae-edge in the window.
func (w *window) start(env []string, args ...string) *exec.Cmd {
	w.t.Helper()
	return w.startProgram("vae-edge", env, args...)
}

func (w *window) startProgram(name string, env []string, args ...string) *exec.Cmd {
	w.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = w.slave, w.slave, w.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { cmd.Process.Kill() })
	return cmd
}

func open(t *testing.T, name string) *model.Model {
	t.Helper()
	m, err := decoder.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var colourful = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "NO_COLOR="}

// whole reports whether every cell of the window has been drawn.
func whole(e *termtest.Emulator) bool { return len(e.Glyphs) == e.Cols*e.Rows }

func TestWindow(t *testing.T) {
	needProgram(t)
	for _, c := range []struct {
		name string
		end  func(w *window, cmd *exec.Cmd)
	}{
		{"SIGTERM", func(w *window, cmd *exec.Cmd) { cmd.Process.Signal(syscall.SIGTERM) }},
		{"SIGHUP", func(w *window, cmd *exec.Cmd) { cmd.Process.Signal(syscall.SIGHUP) }},
		{"SIGINT", func(w *window, cmd *exec.Cmd) { cmd.Process.Signal(syscall.SIGINT) }},
		{"Ctrl-C", func(w *window, cmd *exec.Cmd) { w.master.WriteString("\x03") }},
		{"q", func(w *window, cmd *exec.Cmd) { w.master.WriteString("\x1b[Aq") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "SIGHUP" && signal.Ignored(syscall.SIGHUP) {
				t.Skip("the tests run under nohup")
			}
			t.Parallel()
			w := newWindow(t, 60, 20)
			before, err := unix.IoctlGetTermios(int(w.slave.Fd()), unix.TCGETS)
			if err != nil {
				t.Fatal(err)
			}
			cmd := w.start(colourful)
			w.wait("picture", func(e *termtest.Emulator) bool {
				return whole(e) && e.Modes["?1049"] && !e.Modes["?25"] && !e.Modes["?7"] && e.Trouble == ""
			})
			w.resize(33, 11)
			w.wait("picture after resizing", func(e *termtest.Emulator) bool { return whole(e) && e.Trouble == "" })
			c.end(w, cmd)
			if err := cmd.Wait(); err != nil {
				t.Errorf("ended with %v", err)
			}
			w.wait("restored screen", func(e *termtest.Emulator) bool {
				return strings.HasSuffix(w.log.String(), leaveScreen) && !e.Modes["?1049"] && e.Modes["?25"] && e.Modes["?7"]
			})
			after, err := unix.IoctlGetTermios(int(w.slave.Fd()), unix.TCGETS)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(before, after) {
				t.Errorf("the terminal's settings were %+v and are %+v", before, after)
			}
		})
	}
}

// TestInks checks which colours are used in which terminal.
func TestInks(t *testing.T) {
	needProgram(t)
	for _, c := range []struct {
		env       string
		has, lack string
	}{
		{"TERM=xterm-256color COLORTERM=truecolor NO_COLOR=", "\x1b[48;2;", "8;5;"},
		{"TERM=xterm-256color COLORTERM= NO_COLOR=", "\x1b[48;5;", "8;2;"},
		{"TERM=xterm-256color COLORTERM=truecolor NO_COLOR=yes", enterScreen, "8;2;"},
		{"TERM=linux COLORTERM=truecolor NO_COLOR=", "\x1b[1;30m", "8;5;"},
		{"TERM=dumb COLORTERM= NO_COLOR=", "\n", "\x1b"},
	} {
		t.Run(c.env, func(t *testing.T) {
			t.Parallel()
			w := newWindow(t, 40, 12)
			cmd := w.start(append(strings.Fields(c.env), "TMUX="), "--frames", "2")
			if err := cmd.Wait(); err != nil {
				t.Errorf("ended with %v", err)
			}
			w.wait(fmt.Sprintf("%q", c.has), func(*termtest.Emulator) bool { return strings.Contains(w.log.String(), c.has) })
			w.mu.Lock()
			defer w.mu.Unlock()
			if strings.Contains(w.log.String(), c.lack) {
				t.Errorf("wrote %q in %.300q", c.lack, w.log.String())
			}
		})
	}
}

// TestSignals: a signal ends the program with status 0 wherever it shows.
func TestSignals(t *testing.T) {
	needProgram(t)
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGHUP, os.Interrupt} {
		if signal.Ignored(sig) {
			continue // as nohup has it
		}
		cmd := exec.Command("vae-edge", "--display", "term", "--fps", "1")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		go io.Copy(io.Discard, out)
		cmd.Process.Signal(sig)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: ended with %v", sig, err)
		}
	}
}

// TestWindowKeys steers what a window shows, and reads what it says.
func TestWindowKeys(t *testing.T) {
	needProgram(t)
	t.Parallel()
	w := newWindow(t, 80, 20)
	cmd := w.start(colourful, "--stats", "--scene", "walk")
	helps := func(e *termtest.Emulator) bool { return strings.HasPrefix(w.line(), keys.Help) }
	w.wait("help", helps)
	w.wait("figures in place of help", func(e *termtest.Emulator) bool { return strings.Contains(w.line(), " fps ") })
	w.master.WriteString("?")
	w.wait("help again", helps)
	w.master.WriteString("\x1b[C")
	snapshot := func(e *termtest.Emulator) map[image.Point]termtest.Cell {
		s := maps.Clone(e.Cells)
		maps.DeleteFunc(s, func(p image.Point, _ termtest.Cell) bool { return p.Y == e.Rows-1 })
		return s
	}
	// Steered, the picture comes to rest.
	var last map[image.Point]termtest.Cell
	var since time.Time
	w.wait("rest", func(e *termtest.Emulator) bool {
		if now := snapshot(e); !maps.Equal(now, last) {
			last, since = now, time.Now()
		}
		return whole(e) && time.Since(since) > 400*time.Millisecond
	})
	w.master.WriteString("\x1bOA")
	w.wait("movement by a key", func(e *termtest.Emulator) bool { return !maps.Equal(snapshot(e), last) })
	w.master.WriteString("\t")
	w.wait("the next scene", func(e *termtest.Emulator) bool { return strings.HasPrefix(w.line(), "sample") })
	w.wait("figures", func(e *termtest.Emulator) bool {
		return e.Trouble == "" && strings.Contains(w.line(), " fps  ") && strings.Contains(w.line(), " kB/frame  decode ")
	})
	w.master.WriteString("q")
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	w.wait("total", func(e *termtest.Emulator) bool {
		return strings.Contains(w.log.String(), " frames in ") && !e.Modes["?1049"]
	})
}

// TestWindowClock: the clock that keys go on to has a model whose digits can be read.
func TestWindowClock(t *testing.T) {
	needProgram(t)
	t.Parallel()
	for _, c := range []struct{ said, has string }{{"", "mnist-16"}, {"mnist-2", "mnist-2"}} {
		w := newWindow(t, 70, 20)
		args := []string{"--fps", "20"}
		if c.said != "" {
			args = append(args, "--model", c.said)
		}
		cmd := w.start(colourful, args...)
		w.wait("picture", whole)
		w.master.WriteString("nnnn")
		w.wait("the clock", func(*termtest.Emulator) bool { return strings.HasPrefix(w.line(), "clock") })
		w.wait("the time", func(e *termtest.Emulator) bool {
			d, err := decoder.New(open(t, c.has))
			if err != nil {
				t.Fatal(err)
			}
			size := image.Pt(70, 2*19)
			s, err := scene.Clock(scene.ClockOptions{Now: time.Now}).New(d, 1, size)
			if err != nil {
				t.Fatal(err)
			}
			want := scene.NewImage(d.Model(), size, scene.Grey)
			s.Render(want, 0)
			for at, c := range e.Cells {
				grey := func(y int) uint32 { v, _, _, _ := want.At(at.X, y).RGBA(); return v >> 8 * 0x10101 }
				if at.Y < 19 && c != (termtest.Cell{Top: grey(2 * at.Y), Bottom: grey(2*at.Y + 1)}) {
					return false
				}
			}
			return true
		})
		w.master.WriteString("q")
		if err := cmd.Wait(); err != nil {
			t.Errorf("ended with %v", err)
		}
	}
}

// TestWindowManifold: what the keys do is shown below the picture and hides none of it.
func TestWindowManifold(t *testing.T) {
	needProgram(t)
	w := newWindow(t, 80, 24)
	cmd := w.start(colourful, "--scene", "manifold", "--frames", "1")
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	d, err := decoder.New(open(t, decoder.DefaultModel))
	if err != nil {
		t.Fatal(err)
	}
	info, _ := scene.Lookup("manifold")
	size := image.Pt(80, 2*23)
	s, err := info.New(d, 1, size)
	if err != nil {
		t.Fatal(err)
	}
	want := scene.NewImage(d.Model(), size, scene.Grey)
	s.Render(want, 0)
	w.wait("end", func(e *termtest.Emulator) bool { return !e.Modes["?1049"] && whole(e) })
	for at, c := range w.emulator.Cells {
		grey := func(y int) uint32 { v, _, _, _ := want.At(at.X, y).RGBA(); return v >> 8 * 0x10101 }
		if at.Y < 23 && c != (termtest.Cell{Top: grey(2 * at.Y), Bottom: grey(2*at.Y + 1)}) {
			t.Fatalf("%v shows %06x", at, c)
		}
	}
	if got := w.line(); !strings.HasPrefix(got, keys.ZoomHelp) {
		t.Errorf("the last line is %q", got)
	}
}

// TestWindowAll resizes the window, goes from scene to scene, steers, and replaces the model by
// others, good and bad, all at once: in the end the last model is there, in the whole window.
func TestWindowAll(t *testing.T) {
	needProgram(t)
	t.Parallel()
	w := newWindow(t, 70, 20)
	file := filepath.Join(t.TempDir(), "model.safetensors")
	write := func(data []byte) {
		if err := atomicfile.WriteBytes(file, data); err != nil {
			t.Error(err)
		}
	}
	mnist := open(t, "mnist-16") // of another size, which has all scenes
	another := *mnist
	another.Name = "another"
	last := *mnist
	last.Name = "last"
	write(marshal(t, mnist))
	cmd := w.startProgram("vae-edge-quick", colourful, "--model", file, "--stats=overlay")
	w.wait("picture", whole)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var all sync.WaitGroup
	all.Go(func() {
		for i := range 20 {
			w.resize(uint16(20+7*i%60), uint16(8+5*i%20))
			time.Sleep(113 * time.Millisecond)
		}
	})
	all.Go(func() {
		for i := range 80 {
			w.master.WriteString([]string{"\t", "\x1b[C", "\x1b[A", "+", "-", " "}[i%6])
			time.Sleep(29 * time.Millisecond)
		}
	})
	models := [][]byte{marshal(t, &another), []byte("none"), marshal(t, mnist)}
	all.Go(func() {
		for i := range 12 {
			write(models[i%len(models)])
			time.Sleep(199 * time.Millisecond) // in which it is looked at several times
		}
	})
	all.Wait()
	w.resize(70, 20)
	write(marshal(t, &last))
	w.wait("last model", func(e *termtest.Emulator) bool {
		return whole(e) && e.Trouble == "" && strings.HasPrefix(w.line(), "model last from ")
	})
	w.master.WriteString("q")
	select {
	case err := <-ended:
		if err != nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			t.Errorf("ended with %v, written: %q", err, w.log.String()[max(0, w.log.Len()-2000):])
		}
	case <-time.After(20 * time.Second):
		t.Error("did not end")
	}
}

// signalChildren sends a signal to the children of a process.
func signalChildren(t *testing.T, parent int, s syscall.Signal) {
	t.Helper()
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", parent))
	if err != nil || len(list) == 0 {
		t.Fatalf("children %q: %v", list, err)
	}
	for field := range strings.FieldsSeq(string(list)) {
		pid, err := strconv.Atoi(field)
		if err == nil {
			err = syscall.Kill(pid, s)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// TestSuspend stops the program with Ctrl-Z under a shell, and lets it go on.
func TestSuspend(t *testing.T) {
	needProgram(t)
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip(err)
	}
	t.Parallel()
	for _, term := range []string{"xterm-256color", "linux"} {
		t.Run(term, func(t *testing.T) {
			t.Parallel()
			w := newWindow(t, 60, 20)
			settings := func() *unix.Termios {
				s, err := unix.IoctlGetTermios(int(w.slave.Fd()), unix.TCGETS)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			cmd := w.startProgram("bash", []string{"TERM=" + term, "NO_COLOR=", "COLORTERM=", "PS1=$ ", "HISTFILE="}, "--norc", "--noprofile", "--noediting", "-i")
			w.wait("prompt", func(*termtest.Emulator) bool { return strings.Contains(w.log.String(), "$ ") })
			before := settings()
			since := 0 // what was written before
			begin := func() {
				w.mu.Lock()
				defer w.mu.Unlock()
				since = w.log.Len()
				clear(w.emulator.Cells)
				clear(w.emulator.Glyphs)
			}
			picture := func(e *termtest.Emulator) bool {
				return whole(e) && e.Modes["?1049"] && !e.Modes["?25"] && !e.Modes["?7"] && e.Trouble == ""
			}
			w.master.WriteString("vae-edge\n")
			w.wait("picture", picture)
			for _, stop := range []func(){
				func() { w.master.WriteString("\x1b[C\x1a") },
				func() { w.master.WriteString("\x1a") },
				func() { signalChildren(t, cmd.Process.Pid, syscall.SIGTSTP) },
			} {
				begin()
				stop()
				w.wait("shell", func(e *termtest.Emulator) bool {
					return strings.Contains(w.log.String()[since:], "Stopped") && strings.HasSuffix(w.log.String(), "$ ") &&
						!e.Modes["?1049"] && e.Modes["?25"] && e.Modes["?7"]
				})
				if now := settings(); !reflect.DeepEqual(before, now) {
					t.Errorf("the terminal's settings were %+v and are %+v", before, now)
				}
				begin()
				w.master.WriteString("fg\n")
				w.wait("picture again", picture)
				if now := settings(); now.Lflag&(unix.ICANON|unix.ECHO|unix.ISIG) != 0 {
					t.Errorf("the terminal's settings are %+v, which are not raw", now)
				}
			}
			begin()
			w.master.WriteString("q")
			w.wait("prompt", func(e *termtest.Emulator) bool { return strings.HasSuffix(w.log.String(), "$ ") && !e.Modes["?1049"] })
			if now := settings(); !reflect.DeepEqual(before, now) {
				t.Errorf("the terminal's settings were %+v and are %+v", before, now)
			}
			w.master.WriteString("exit\n")
			if err := cmd.Wait(); err != nil {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

// TestSuspendedEnds ends a program that a shell has stopped as shells do, with SIGCONT after the
// signal, and has it go on in the background, where it stops again and leaves the terminal alone.
func TestSuspendedEnds(t *testing.T) {
	needProgram(t)
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip(err)
	}
	t.Parallel()
	for _, c := range []struct{ name, typed, says string }{
		{"kill", "kill %1\n", "Done"},
		{"hangup", "kill -HUP %1; kill -CONT %1\n", "Done"},
		{"background", "bg\n", "Stopped"},
	} {
		for _, stop := range []syscall.Signal{syscall.SIGTSTP, syscall.SIGSTOP} {
			t.Run(c.name+" after "+unix.SignalName(stop), func(t *testing.T) {
				if c.name == "hangup" && signal.Ignored(syscall.SIGHUP) {
					t.Skip("the tests run under nohup")
				}
				t.Parallel()
				w := newWindow(t, 60, 20)
				cmd := w.startProgram("bash", append(colourful, "PS1=$ ", "HISTFILE="), "--norc", "--noprofile", "--noediting", "-i")
				prompt := func(since int, what string) {
					t.Helper()
					w.wait(what, func(*termtest.Emulator) bool {
						log := w.log.String()[since:]
						return strings.Contains(log, what) && strings.HasSuffix(log, "$ ")
					})
				}
				now := func() int {
					w.mu.Lock()
					defer w.mu.Unlock()
					return w.log.Len()
				}
				prompt(0, "$ ")
				w.master.WriteString("vae-edge\n")
				w.wait("picture", func(e *termtest.Emulator) bool { return whole(e) && e.Modes["?1049"] })
				since := now()
				signalChildren(t, cmd.Process.Pid, stop)
				prompt(since, "Stopped")
				before, err := unix.IoctlGetTermios(int(w.slave.Fd()), unix.TCGETS)
				if err != nil {
					t.Fatal(err)
				}
				since = now()
				w.master.WriteString(c.typed)
				deadline := time.Now().Add(20 * time.Second) // shells tell of jobs before a prompt
				for seen := false; !seen; {
					if time.Now().After(deadline) {
						w.mu.Lock()
						defer w.mu.Unlock()
						t.Fatalf("no %q in %q", c.says, w.log.String()[since:])
					}
					time.Sleep(200 * time.Millisecond)
					w.master.WriteString("\n")
					w.mu.Lock()
					seen = strings.Contains(w.log.String()[since:], c.says)
					w.mu.Unlock()
				}
				after, err := unix.IoctlGetTermios(int(w.slave.Fd()), unix.TCGETS)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(before, after) {
					t.Errorf("the terminal's settings were %+v and are %+v", before, after)
				}
				w.mu.Lock()
				// A frame that was under way when nobody could tell the program is still drawn
				drawn := stop == syscall.SIGTSTP && strings.Contains(w.log.String()[since:], "\x1b[48;")
				if log := w.log.String()[since:]; strings.Contains(log, enterScreen) || drawn {
					t.Errorf("the background wrote %q", log)
				}
				w.mu.Unlock()
				if c.name == "background" {
					w.master.WriteString("fg\n")
					w.wait("picture again", func(e *termtest.Emulator) bool { return whole(e) && e.Modes["?1049"] })
					w.master.WriteString("n")
					w.wait("the next scene by a key", func(*termtest.Emulator) bool { return strings.HasPrefix(w.line(), "sample") })
					since = now()
					w.master.WriteString("q")
					prompt(since, "$ ")
				}
				w.master.WriteString("exit 0\n") // a kill may have come too late
				if err := cmd.Wait(); err != nil {
					t.Errorf("ended with %v", err)
				}
			})
		}
	}
}

// TestWindowHangs: a signal ends the program, and others with it do no harm, even when nobody reads
// what it writes. The terminal gets its settings back.
func TestWindowHangs(t *testing.T) {
	needProgram(t)
	t.Parallel()
	w := newWindow(t, 100, 40)
	before, err := unix.IoctlGetTermios(int(w.slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	cmd := w.start(colourful, "--fps", "1000")
	w.wait("picture", whole)
	w.mu.Lock() // the reader comes to a halt
	defer w.mu.Unlock()
	time.Sleep(time.Second)
	for range 3 {
		cmd.Process.Signal(syscall.SIGTERM)
		time.Sleep(50 * time.Millisecond)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("did not end")
	}
	after, err := unix.IoctlGetTermios(int(w.slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, after) {
		t.Errorf("the terminal's settings were %+v and are %+v", before, after)
	}
}
