// Package keys makes one input of the keys that steer a scene: switches and a rotary knob on GPIO
// lines, and the keys of a terminal.
//
// It promises that a contact that bounces counts once, that a press shorter than a frame is not
// lost, and that nobody waits: [Controls] gather what keys say, and the next frame takes it. A
// switch is between a line with a pull-up and ground. A knob has two of them, and is called an
// encoder in the trade. What a key is for is an [Intent]: it depends on the keys beside it, so that
// every board can move, change the scene and go on by itself.
package keys
