// Package supervise keeps a panel running through loose contacts, a busy port and a reloaded
// driver.
//
// After a fault it retries: first after 0.1 s, then after twice the delay, up to 2 s, until the
// panel works or it is time to give up. It logs a fault once and its end once, and a recurring
// fault ever more rarely. A service manager hears of the first frame and of every sign of life,
// failed retries included. A program told to end does so within [StopTime], and the backlight goes
// out even if a transfer hangs.
package supervise
