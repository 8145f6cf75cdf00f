// Package diagnose answers what is asked where something does not work, or how fast it goes:
// whether this CPU computes the committed bits ([Verify]), what a panel depends on here ([Probe]),
// what somebody who is to help has to know ([Info]), how fast pictures are decoded and frames shown
// ([Bench]).
//
// It promises to change nothing: files are read, devices opened and closed, and only the panel that
// is named is shown something, last and after all that could be found out without. What is wrong
// comes with its cure. Rates are the median of several blocks of time, on one core.
package diagnose
