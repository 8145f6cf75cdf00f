// Package player shows a scene: on a panel, in a terminal, in a PNG or a GIF file, or nowhere to
// see how fast it would be.
//
// It promises that frame n of a scene has the same pixels wherever it is shown, that frames come at
// a steady rate and errors of it do not add up, and that a frame on a panel allocates nothing. A
// model's file may be replaced while it is shown: the new one is checked, its first frame made
// ready, and then it takes over without a frame less; whatever is wrong with it is told once, and
// the old one stays.
package player
