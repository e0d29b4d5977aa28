package quality

// A line of writing is strokes: edges left and right of which the luma turns
// one way and back within a letter's width, side by side, in a band of rows
// with quiet rows above and below. Textures have such rows too, but in bands
// that are too high, and objects have too few strokes.
const (
	strokeStep = 14 // levels between neighbours that make a stroke's edge
	minStrokes = 6  // edges beside each other, turning to and fro
	minRows    = 4  // of a line of writing
	minCells   = 3  // a cell is a column's share of a line
	cellShare  = 32 // cells across the picture
	lineShare  = 6  // a line is at most this part of the height
)

// overlay is the width of all lines of writing, relative to that of the
// picture, at most 1.
func (p *plane) overlay() float64 {
	cell := max(p.w/cellShare, 8)
	across := p.w / cell
	if across < minCells || p.h < 2*minRows {
		return 0
	}
	written := make([]bool, across*p.h) // a cell a row
	for y := range p.h {
		p.strokes(y, cell, written[y*across:][:across])
	}
	// lines[x] are the bands of cells in column x that are as high as writing.
	lines := make([][]band, across)
	for x := range across {
		for y := 0; y < p.h; y++ {
			begin := y
			for y < p.h && written[y*across+x] {
				y++
			}
			if n := y - begin; n >= minRows && n <= max(p.h/lineShare, 2*minRows) {
				lines[x] = append(lines[x], band{begin, y})
			}
		}
	}
	total := 0
	for x := range lines {
		for i := range lines[x] {
			if n := follow(lines, x, i); n >= minCells {
				total += n
			}
		}
	}
	return min(float64(total)/float64(across), 1)
}

// strokes marks the cells of row y that lie in a chain of edges, each turning
// the other way than the one before and not far from it.
func (p *plane) strokes(y, cell int, cells []bool) {
	row := p.luma[y*p.w:][:p.w]
	begin, last, count, direction := 0, 0, 0, 0
	flush := func() {
		if count >= minStrokes {
			for x := begin / cell; x <= last/cell && x < len(cells); x++ {
				cells[x] = true
			}
		}
		count, direction = 0, 0
	}
	for x := 1; x < p.w; x++ {
		step := int(row[x]) - int(row[x-1])
		if step < strokeStep && step > -strokeStep {
			continue
		}
		if count > 0 && x-last > cell {
			flush()
		}
		if s := sign(step); s != direction {
			if count == 0 {
				begin = x
			}
			direction = s
			count++
		}
		last = x
	}
	flush()
}

// band is rows from begin to before end; an empty one belongs to a line already.
type band struct{ begin, end int }

// follow counts the cells of the line that goes right from band i of column
// x, each overlapping the one before by half, and takes them out.
func follow(lines [][]band, x, i int) int {
	at := lines[x][i]
	lines[x][i] = band{}
	n := 0
	for at.end > at.begin {
		n++
		x++
		next := band{}
		if x < len(lines) {
			for k, b := range lines[x] {
				shared := min(at.end, b.end) - max(at.begin, b.begin)
				if 2*shared >= max(at.end-at.begin, b.end-b.begin) && shared > 0 {
					next = b
					lines[x][k] = band{}
					break
				}
			}
		}
		at = next
	}
	return n
}
