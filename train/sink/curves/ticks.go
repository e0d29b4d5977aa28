package curves

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// linearTicks are round numbers, at most about want of them.
type linearTicks struct{ want int }

func (t linearTicks) Ticks(low, high float64) []plot.Tick {
	step := niceStep((high - low) / float64(t.want))
	var ticks []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i <= high/step+1e-9; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: label(i*step, step)})
	}
	return ticks
}

// niceStep is the smallest of 1, 2, 5 × 10^k that is not below step.
func niceStep(step float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(step)))
	for _, f := range []float64{1, 2, 5} {
		if f*p >= step*(1-1e-9) {
			return f * p
		}
	}
	return 10 * p
}

// logTicks are powers of ten, with 2 and 5 between them where there is room.
type logTicks struct{}

func (logTicks) Ticks(low, high float64) []plot.Tick {
	first, last := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	decades := math.Log10(high / low)
	every := math.Ceil(decades / 7)
	var ticks []plot.Tick
	for k := first; k <= last; k++ {
		p := math.Pow(10, k)
		for f := 1.0; f < 10; f++ {
			v := f * p
			if v < low*(1-1e-9) || v > high*(1+1e-9) {
				continue
			}
			t := plot.Tick{Value: v}
			if f == 1 && math.Mod(k, every) == 0 || decades < 3.2 && (f == 2 || f == 5) {
				t.Label = label(v, v)
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}

// label writes a tick at a multiple of step: 0.25, 10, 2.5k, 1M, 5e-5.
func label(v, step float64) string {
	size := math.Abs(v)
	switch {
	case size < step/2:
		return "0"
	case step < 1e-3 || size >= 1e12:
		return scientific(v, 4)
	case size >= 1e9 && step >= 1e7:
		return rounded(v/1e9) + "G"
	case size >= 1e6 && step >= 1e4:
		return rounded(v/1e6) + "M"
	case size >= 1e3 && step >= 10:
		return rounded(v/1e3) + "k"
	}
	return rounded(v)
}

// rounded hides the last digits, which are where 0.1 × 3 is not 0.3.
func rounded(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64)
}

// scientific writes v with up to so many figures and no idle zeros: 5e-5.
func scientific(v float64, figures int) string {
	digits, power, _ := strings.Cut(strconv.FormatFloat(v, 'e', figures-1, 64), "e")
	if strings.Contains(digits, ".") {
		digits = strings.TrimRight(strings.TrimRight(digits, "0"), ".")
	}
	k, _ := strconv.Atoi(power)
	return digits + "e" + strconv.Itoa(k)
}

// value writes a measurement to four figures for the legend.
func value(v float64) string {
	if v == 0 {
		return "0"
	}
	if a := math.Abs(v); a < 1e-3 || a >= 1e5 {
		return scientific(v, 3)
	}
	decimals := max(0, 3-int(math.Floor(math.Log10(math.Abs(v)))))
	return strconv.FormatFloat(v, 'f', min(decimals, 4), 64)
}
