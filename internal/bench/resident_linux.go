package bench

import "golang.org/x/sys/unix"

// peakResident is the largest resident size of this process so far, MiB.
func peakResident() float64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Maxrss) / 1024
}
