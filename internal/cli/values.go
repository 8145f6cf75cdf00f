package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// The usual ways to set what a flag stands for, at a place in the struct.

// Whole sets a whole number within bounds.
func Whole[C any](at func(c *C) *int, least, most int) func(*C, string) error {
	return func(c *C, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < least || n > most {
			return fmt.Errorf("want a whole number from %d to %d", least, most)
		}
		*at(c) = n
		return nil
	}
}

// Real sets a number within bounds.
func Real[C any](at func(c *C) *float64, least, most float64) func(*C, string) error {
	return func(c *C, v string) error {
		x, err := strconv.ParseFloat(v, 64)
		if err != nil || !(x >= least && x <= most) {
			return fmt.Errorf("want a number from %g to %g", least, most)
		}
		*at(c) = x
		return nil
	}
}

// Text sets what may be anything but empty.
func Text[C any](at func(c *C) *string) func(*C, string) error {
	return func(c *C, v string) error {
		if v == "" {
			return errors.New("it is empty")
		}
		*at(c) = v
		return nil
	}
}

// Choice sets one of a few values.
func Choice[C any](at func(c *C) *string, values ...string) func(*C, string) error {
	return func(c *C, v string) error {
		if !slices.Contains(values, v) {
			return ChoiceError{Values: values}
		}
		*at(c) = v
		return nil
	}
}

// On sets a switch, whatever the value.
func On[C any](at func(c *C) *bool) func(*C, string) error {
	return func(c *C, _ string) error {
		*at(c) = true
		return nil
	}
}
