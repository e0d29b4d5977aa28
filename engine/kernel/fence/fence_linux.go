package fence

import (
	"syscall"
	"testing"
	"unsafe"
)

// Floats returns n floats, all [Canary], whose last one is the last of its
// page; the pages before and after may be neither read nor written. The memory
// is given back when the test ends.
func Floats(tb testing.TB, n int) []float32 {
	tb.Helper()
	page := syscall.Getpagesize()
	size := (4*n + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, page+size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		tb.Fatalf("fence: map %d bytes: %v", size+2*page, err)
	}
	tb.Cleanup(func() { _ = syscall.Munmap(m) })
	for _, guard := range [][]byte{m[:page], m[page+size:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			tb.Fatalf("fence: protect a page: %v", err)
		}
	}
	end := unsafe.Pointer(&m[page+size])
	s := unsafe.Slice((*float32)(unsafe.Add(end, -4*n)), n)
	for i := range s {
		s[i] = Canary
	}
	return s
}
