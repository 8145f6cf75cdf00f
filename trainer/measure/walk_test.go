package measure

import "testing"

func TestEvenness(t *testing.T) {
	least, mean, most := Evenness([]byte{0, 0, 10, 20, 10, 80}, 2)
	// 15, 30 and back from (10, 80) to (0, 0): 45.
	if least != 15 || mean != 30 || most != 45 {
		t.Errorf("%v, %v, %v, want 15, 30, 45", least, mean, most)
	}
}
