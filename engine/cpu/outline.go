package cpu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/engine/compile"
)

// An outline is a step on rows, written down such that steps that do the same
// have the same text whatever their buffers are called. Buffers are letters, by
// first mention; a' is one number a row of a, 0, 1, … are the results of the
// instructions in a loop, #0, #1, … numbers. What is stored and folded stands
// behind them:
//
//	reduce_max a→b; sub a b', exp 0, 1→c, reduce_sum 1→d; div c d', 0→e;
//
// All loops go over the same elements, whose rows are folded whole, or over as
// many as there are rows, which is written as each.
type outline struct {
	text    string
	buffers []int     // by letter
	numbers []float32 // by first mention
	cols    int
}

// outlineMost bounds instructions and arguments of a loop worth outlining.
const outlineMost = 16

// outlineOf outlines the step, or has no text for one that cannot be.
func outlineOf(s *compile.Rows) outline {
	o := outline{cols: s.Loops[0].Size / s.Rows}
	var text strings.Builder
	for _, l := range s.Loops {
		each := l.Size == s.Rows && o.cols > 1
		if !each && l.Size != s.Rows*o.cols || len(l.Args)+len(l.Insts) > outlineMost {
			return outline{}
		}
		if each {
			text.WriteString("each ")
		}
		var parts []string
		for _, in := range l.Insts {
			part := in.Op.String()
			for _, r := range in.Operand {
				if r.Kind != compile.None {
					part += " " + o.operand(l, r)
				}
			}
			parts = append(parts, part)
		}
		for _, x := range l.Stores {
			parts = append(parts, fmt.Sprint(x.Inst, "→", o.letter(x.Buffer)))
		}
		for _, r := range l.Reduces {
			if l.Outer != s.Rows || l.Inner != 1 {
				return outline{}
			}
			parts = append(parts, fmt.Sprint(r.Op, " ", o.operand(l, r.Value), "→", o.letter(r.Buffer)))
		}
		text.WriteString(strings.Join(parts, ", ") + "; ")
	}
	o.text = strings.TrimSpace(text.String())
	return o
}

func (o *outline) operand(l *compile.Loop, r compile.Ref) string {
	switch r.Kind {
	case compile.Reg:
		return fmt.Sprint(r.Index)
	case compile.Imm:
		i := slices.Index(o.numbers, r.Value)
		if i < 0 {
			i, o.numbers = len(o.numbers), append(o.numbers, r.Value)
		}
		return fmt.Sprint("#", i)
	}
	switch a := l.Args[r.Index]; {
	case a.Direct():
		return o.letter(a.Buffer)
	case len(a.Dims) == 2 && a.Dims[1] == o.cols && a.Strides[0] == 1 && a.Strides[1] == 0:
		return o.letter(a.Buffer) + "'"
	}
	return "?"
}

func (o *outline) letter(buffer int) string {
	i := slices.Index(o.buffers, buffer)
	if i < 0 {
		i, o.buffers = len(o.buffers), append(o.buffers, buffer)
	}
	return string(rune('a' + i))
}

// memory is that of a letter's buffer, nil without a letter or if no other step
// has it.
func (o *outline) memory(e *Executable, s *compile.Rows, letter string) []float32 {
	if letter == "" {
		return nil
	}
	b := o.buffers[letter[0]-'a']
	if _, local := s.Local[b]; local {
		return nil
	}
	return e.memory[b]
}
