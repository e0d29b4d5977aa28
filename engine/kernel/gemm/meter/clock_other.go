//go:build !linux

package meter

import "time"

var start = time.Now()

func clock() time.Duration { return time.Since(start) }
