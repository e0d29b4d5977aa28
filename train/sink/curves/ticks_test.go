package curves

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/plot"
)

func labels(ticks []plot.Tick) (list []string) {
	for _, t := range ticks {
		if t.Label != "" {
			list = append(list, t.Label)
		}
	}
	return list
}

func TestLinearTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      []string
	}{
		{0, 300, []string{"0", "50", "100", "150", "200", "250", "300"}},
		{0, 20000, []string{"0", "5k", "10k", "15k", "20k"}},
		{0, 2000, []string{"0", "500", "1k", "1.5k", "2k"}},
		{0, 3e6, []string{"0", "500k", "1M", "1.5M", "2M", "2.5M", "3M"}},
		{-1, 1, []string{"-1", "-0.5", "0", "0.5", "1"}},
		{0, 2e-4, []string{"0", "5e-5", "1e-4", "1.5e-4", "2e-4"}},
		{0.1, 0.71, []string{"0.2", "0.4", "0.6"}},
		{1000000, 1000003, []string{"1000000", "1000000.5", "1000001", "1000001.5", "1000002", "1000002.5", "1000003"}},
		{1e6, 1.006e6, []string{"1000k", "1001k", "1002k", "1003k", "1004k", "1005k", "1006k"}},
		{0, 4e12, []string{"0", "1e12", "2e12", "3e12", "4e12"}},
		{0, 4e9, []string{"0", "1G", "2G", "3G", "4G"}},
	} {
		if got := labels(linearTicks{6}.Ticks(c.low, c.high)); !slices.Equal(got, c.want) {
			t.Errorf("%v to %v: %q, want %q", c.low, c.high, got, c.want)
		}
	}
}

func TestLogTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      []string
	}{
		{2, 230, []string{"2", "5", "10", "20", "50", "100", "200"}},
		{1e-3, 0.05, []string{"0.001", "0.002", "0.005", "0.01", "0.02", "0.05"}},
		{0.5, 2e4, []string{"1", "10", "100", "1k", "10k"}},
		{1e-8, 1e6, []string{"1e-8", "1e-6", "1e-4", "0.01", "1", "100", "10k", "1M"}},
	} {
		ticks := logTicks{}.Ticks(c.low, c.high)
		if got := labels(ticks); !slices.Equal(got, c.want) {
			t.Errorf("%v to %v: %q, want %q", c.low, c.high, got, c.want)
		}
		for _, k := range ticks {
			if k.Value < c.low*(1-1e-6) || k.Value > c.high*(1+1e-6) {
				t.Errorf("%v to %v: tick at %v", c.low, c.high, k.Value)
			}
		}
	}
}

func TestValue(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 23.456: "23.46", -0.56421: "-0.5642", 0.0115: "0.0115", 4.2: "4.200", 123456: "1.23e5",
		99999: "99999", 2e-4: "2e-4", -1.5e-7: "-1.5e-7", 1e100: "1e100", 1234.5: "1234", math.SmallestNonzeroFloat64: "4.94e-324",
	} {
		if got := value(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}
