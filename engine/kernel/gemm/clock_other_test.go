//go:build !linux

package gemm

import "time"

var start = time.Now()

func clock() time.Duration { return time.Since(start) }
