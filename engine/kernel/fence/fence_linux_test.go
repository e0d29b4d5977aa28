package fence

import (
	"runtime/debug"
	"testing"
	"unsafe"
)

// faults reports whether reading p stops the program.
func faults(p unsafe.Pointer) (fault bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { fault = recover() != nil }()
	sink = *(*float32)(p)
	return false
}

var sink float32

func TestFloatsEndAtAGuard(t *testing.T) {
	for _, n := range []int{1, 7, 1023, 1024, 1025, 5000} {
		s := Floats(t, n)
		if len(s) != n || s[0] == s[0] || s[n-1] == s[n-1] {
			t.Fatalf("%d floats: got %d, first %v, last %v, want canaries", n, len(s), s[0], s[n-1])
		}
		if faults(unsafe.Pointer(&s[n-1])) {
			t.Errorf("%d floats: the last cannot be read", n)
		}
		if !faults(unsafe.Add(unsafe.Pointer(&s[n-1]), 4)) {
			t.Errorf("%d floats: one past the last can be read", n)
		}
	}
	s := Floats(t, 1024)
	if !faults(unsafe.Add(unsafe.Pointer(&s[0]), -4)) {
		t.Error("a whole page: one before the first can be read")
	}
	if len(Floats(t, 0)) != 0 {
		t.Error("no floats: got some")
	}
}
