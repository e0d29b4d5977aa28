package bench

import (
	"fmt"
	"os"
	"testing"
	"encoding/json"
	"time"

	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/vae"
)

func TestProf(t *testing.T) {
	if os.Getenv("PROF") == "" { t.Skip() }
	m, err := vae.Family{}.New(model.Pictures{Height: 64, Width: 64, Channels: 3}, func(v any) error {
		return json.Unmarshal([]byte(os.Getenv("PROF")), v)
	})
	if err != nil { t.Fatal(err) }
	pool := cpu.NewPool(2)
	t0 := time.Now()
	it, err := NewIteration(m, 64, pool)
	if err != nil { t.Fatal(err) }
	fmt.Println("compile", time.Since(t0))
	d := Median(7, func() { it.Run() })
	fmt.Printf("step %v  %.1f GFLOP/s  mem %d MB GFLOP %.2f\n", d, float64(it.FLOPs)/d.Seconds()/1e9, it.Memory>>20, float64(it.FLOPs)/1e9)
	for i, h := range it.Profile(3) {
		if i > 45 { break }
		fmt.Printf("%8.2f ms %6.1f GF/s %2d %s\n", float64(h.Time.Microseconds())/1e3, float64(h.FLOPs)/h.Time.Seconds()/1e9, h.Count, h.Name)
	}
}
