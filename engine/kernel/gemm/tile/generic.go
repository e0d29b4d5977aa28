package tile

import "unsafe"

func at(p unsafe.Pointer, i int) *float32 { return (*float32)(unsafe.Add(p, 4*i)) }

func offset(p *int, i int) int {
	return *(*int)(unsafe.Add(unsafe.Pointer(p), i*int(unsafe.Sizeof(*p))))
}

// rowsGeneric is Rows for any tile size, without assembly.
func rowsGeneric(a *Args, nr int) {
	for r := range a.Rows {
		for n := range nr {
			c := at(a.C, offset(a.COff, r)+n)
			var sum float32
			if a.Acc != 0 {
				sum = *c
			}
			i, b := offset(a.AOff, r), n
			for range a.Segs {
				for range a.SegLen {
					sum += *at(a.A, i) * *at(a.B, b)
					i, b = i+1, b+nr
				}
				i += a.ASkip
			}
			*c = sum
		}
	}
}

// outerGeneric is Outer for any tile size, without assembly.
func outerGeneric(a *Args, mr, nr int) {
	a.outer(mr, nr, func(k int) (int, int) { return k * a.AStep, k * a.BStep })
}

// walkGeneric is Walk for any tile width nr, without assembly.
func walkGeneric(a *Args, mr, nr int) {
	a.outer(mr, nr, func(k int) (int, int) { return offset(a.KOff, k), offset(a.BOff, k) })
}

func (a *Args) outer(mr, nr int, step func(k int) (a, b int)) {
	for r := range a.Rows {
		for n := range nr {
			c := at(a.C, offset(a.COff, r)+n)
			var sum float32
			if a.Acc != 0 {
				sum = *c
			}
			for k := range a.SegLen {
				i, j := step(k)
				sum += *at(a.A, r/mr*a.ATile+i+r%mr) * *at(a.B, j+n)
			}
			*c = sum
		}
	}
}

// depthGeneric is Depth for any tile width nr, without assembly.
func depthGeneric(a *Args, nr int) {
	for r := range a.Rows {
		for n := range nr {
			c := at(a.C, offset(a.COff, r)+n)
			var sum float32
			if a.Acc != 0 {
				sum = *c
			}
			for k := range a.SegLen {
				sum += *at(a.A, offset(a.AOff, r)+offset(a.KOff, k)+n) * *at(a.B, k*a.BStep+n)
			}
			*c = sum
		}
	}
}
