//go:build !linux

package conv

import "time"

var start = time.Now()

func clock() time.Duration { return time.Since(start) }
