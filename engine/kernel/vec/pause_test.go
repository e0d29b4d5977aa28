package vec

import (
	"runtime"
	"sync/atomic"
	"testing"
)

// The runtime can stop a goroutine within a call on a long slice: without
// pauses every stop would fall between two calls.
func TestLongCallsCanBeStopped(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	x, y := make([]float32, 8<<20), make([]float32, 8<<20)
	for name, f := range map[string]func(){
		"exp":     func() { Exp(y, x) },
		"add":     func() { Add(y, x, y) },
		"copy":    func() { Copy(y, x) },
		"fill":    func() { Fill(y, 1) },
		"mulAddS": func() { MulAddS(y, x, 2, y) },
		"sum":     func() { Sum(x) },
		"dot":     func() { Dot(x, y) },
		"max":     func() { MaxOf(x) },
		"rows":    func() { AddRows(y[:1024], x, len(x)/1024, 1024) },
		"softmax": func() { Softmax(y, x, 256) },
	} {
		t.Run(name, func(t *testing.T) {
			var call, ended atomic.Int64
			quit, done := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				for {
					select {
					case <-quit:
						return
					default:
						call.Add(1)
						f()
						ended.Add(1)
					}
				}
			}()
			defer func() { close(quit); <-done }()
			for call.Load() == 0 {
				runtime.Gosched()
			}
			const stops = 30
			within := 0
			for range stops {
				var m runtime.MemStats
				before := call.Load()
				runtime.ReadMemStats(&m) // stops the world
				if call.Load() == before && ended.Load() < before {
					within++
				}
			}
			if within < stops/10 { // where it cannot, none is
				t.Errorf("%d of %d stops within a call", within, stops)
			}
		})
	}
}
