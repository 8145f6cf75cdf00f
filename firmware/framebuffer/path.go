package framebuffer

import "strings"

// Path returns the device of a framebuffer, fb0 or /dev/fb0, and whether v names one.
func Path(v string) (path string, ok bool) {
	v = strings.TrimPrefix(v, "/dev/")
	number, ok := strings.CutPrefix(v, "fb")
	if !ok || number == "" || len(number) > 2 || strings.Trim(number, "0123456789") != "" {
		return "", false
	}
	return "/dev/" + v, true
}
