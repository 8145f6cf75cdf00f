// Package supervise keeps a panel going for as long as anybody can: through loose contacts, a port
// that somebody else holds, a driver that is reloaded.
//
// It promises that a fault never ends the show before its time: the panel is tried again after 0.1
// s, then after twice as long each time, up to 2 s, until it works or the time to give up has come.
// What is told is little: a fault once, its end once, a fault that comes again and again ever more
// seldom. A service manager learns of the first frame and hears from the program for as long as it
// lives, even if in vain. When the program is to end, it does within [StopTime], and the backlight
// goes out even if a transfer hangs.
package supervise
