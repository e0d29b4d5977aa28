// Measure says how well the watermark of package watermark is found again after
// what befalls pictures, over the pictures of a folder, and what it costs.
//
//	go run ./mark/watermark/measure -dir pictures [-side 256] [-n 300] [-only "JPEG 50"]
//
// Interrupted, it prints what it has measured until then.
package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg"
	"image/png"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/limner-ai/limner/mark/watermark"
)

func main() {
	dir := flag.String("dir", "", "folder of PNG and JPEG pictures")
	most := flag.Int("n", 300, "number of pictures")
	longer := flag.Int("side", 0, "longer side to which the pictures are brought first; 0: as they are")
	only := flag.String("only", "", "measure only attacks whose names start so; several with commas between")
	keep := flag.String("keep", "", "folder for the marked pictures")
	wrong := flag.Int("wrong", 0, "instead, read unmarked pictures with this many wrong keys each")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, *dir, *most, *longer, *only, *keep, *wrong)
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, most, longer int, only, keep string, wrong int) error {
	pictures, err := load(dir, most, longer)
	if err != nil {
		return err
	}
	if wrong > 0 {
		return falseAlarms(ctx, pictures, wrong)
	}
	return table(ctx, pictures, only, keep)
}

// key is the key of picture i.
func key(i int) (k watermark.Key) {
	k[0], k[1], k[2] = byte(i), byte(i>>8), byte(i>>16)
	return k
}

// id is the id of picture i.
func id(i int) uint32 { return uint32(i+1) * 2654435761 }

type row struct{ found, named, misnamed, of int }

func table(ctx context.Context, pictures []*image.NRGBA, only, keep string) error {
	rows := make([]row, len(attacks))
	var cost, likeness []float64
	var embedding, finding time.Duration
	finds := 0
	for i, m := range pictures {
		if ctx.Err() != nil {
			pictures = pictures[:i]
			break
		}
		start := time.Now()
		marked, err := watermark.Embed(m, key(i), id(i))
		embedding += time.Since(start)
		if err != nil {
			fmt.Printf("picture %d: %v\n", i, err)
			continue
		}
		p, s := compare(m, marked)
		cost, likeness = append(cost, p), append(likeness, s)
		if keep != "" {
			if err := save(filepath.Join(keep, fmt.Sprintf("%03d.png", i)), marked); err != nil {
				return err
			}
		}
		for a, attack := range attacks {
			if !chosen(attack.name, only) {
				continue
			}
			hit := attack.apply(marked, i)
			if hit == nil {
				continue
			}
			start := time.Now()
			r, err := watermark.Detect(hit, key(i))
			finding += time.Since(start)
			finds++
			if err != nil {
				return fmt.Errorf("picture %d, %s: %w", i, attack.name, err)
			}
			rows[a].of++
			if r.Found {
				rows[a].found++
			}
			if r.HasID && r.ID == id(i) {
				rows[a].named++
			} else if r.HasID {
				rows[a].misnamed++
			}
		}
	}
	if len(cost) == 0 {
		return fmt.Errorf("no picture had room for a mark")
	}
	slices.Sort(cost)
	slices.Sort(likeness)
	fmt.Printf("pictures %d, marked %d; PSNR of what is visible: median %.1f dB, least %.1f dB; SSIM: median %.4f, least %.4f\n",
		len(pictures), len(cost), cost[len(cost)/2], cost[0], likeness[len(likeness)/2], likeness[0])
	fmt.Printf("embedding %.0f ms, finding %.0f ms a picture\n\n", ms(embedding)/float64(len(pictures)), ms(finding)/float64(max(1, finds)))
	fmt.Println("| what befell the picture | found | id read | wrong id |\n|---|---|---|---|")
	for a, r := range rows {
		if r.of > 0 {
			fmt.Printf("| %s | %.1f %% | %.1f %% | %d |\n", attacks[a].name, share(r.found, r.of), share(r.named, r.of), r.misnamed)
		}
	}
	return nil
}

// chosen says whether a name starts like one of a list with commas between.
func chosen(name, list string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(s string) bool { return strings.HasPrefix(name, s) })
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func share(a, b int) float64 { return 100 * float64(a) / float64(b) }

// falseAlarms reads unmarked pictures with keys that marked none of them, and
// prints how often P was at most what it may be that often.
func falseAlarms(ctx context.Context, pictures []*image.NRGBA, keys int) error {
	limits := []float64{0.5, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6}
	counts := make([]int, len(limits))
	n := 0
	for i, m := range pictures {
		for k := range keys {
			if ctx.Err() != nil {
				break
			}
			r, err := watermark.Detect(m, key(1<<20+i*keys+k))
			if err != nil {
				return fmt.Errorf("picture %d: %w", i, err)
			}
			n++
			for l, limit := range limits {
				if r.P <= limit {
					counts[l]++
				}
			}
		}
	}
	fmt.Printf("readings of unmarked pictures: %d\n\n| P at most | readings | at most, by the bound |\n|---|---|---|\n", n)
	for l, limit := range limits {
		fmt.Printf("| %g | %d | %g |\n", limit, counts[l], math.Ceil(limit*float64(n)*100)/100)
	}
	return nil
}

// load reads up to most pictures of a folder, in the order of their names.
func load(dir string, most, longer int) ([]*image.NRGBA, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []*image.NRGBA
	for _, n := range names {
		if len(all) == most {
			break
		}
		if n.IsDir() {
			continue
		}
		f, err := os.Open(filepath.Join(dir, n.Name()))
		if err != nil {
			return nil, err
		}
		m, _, err := image.Decode(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n.Name(), err)
		}
		out := nrgba(m)
		if longer > 0 {
			w, h := out.Rect.Dx(), out.Rect.Dy()
			out = resize(out, max(1, w*longer/max(w, h)), max(1, h*longer/max(w, h)))
		}
		all = append(all, out)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no pictures", dir)
	}
	return all, nil
}

func nrgba(m image.Image) *image.NRGBA {
	if n, ok := m.(*image.NRGBA); ok && n.Rect.Min == (image.Point{}) {
		return n
	}
	out := image.NewNRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out
}

func save(path string, m image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, m); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
