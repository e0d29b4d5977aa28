package svg

import (
	"bytes"
	"context"
	"errors"

	"github.com/tetratelabs/wazero"
)

type rendererKey struct{}

var errMemory = errors.New("the renderer reached outside its memory")

// objects are the values that the renderer holds by number, as wasm-bindgen's
// reference table does: numbers from firstObject on.
type objects struct {
	held []any
	free []uint32
}

const firstObject = 132

func (o *objects) add(v any) uint32 {
	if n := len(o.free); n > 0 {
		i := o.free[n-1]
		o.free = o.free[:n-1]
		o.held[i] = v
		return i + firstObject
	}
	o.held = append(o.held, v)
	return uint32(len(o.held)-1) + firstObject
}

func (o *objects) get(i uint32) any {
	if i < firstObject || i-firstObject >= uint32(len(o.held)) {
		return nil
	}
	return o.held[i-firstObject]
}

func (o *objects) take(i uint32) any {
	v := o.get(i)
	if i >= firstObject && i-firstObject < uint32(len(o.held)) {
		o.held[i-firstObject] = nil
		o.free = append(o.free, i-firstObject)
	}
	return v
}

// The kinds of object beside []byte, string and error.
type (
	memoryObject struct{}              // the renderer's memory
	list         struct{ items []any } // an array
	iterator     struct{ rest []any }
	step         struct { // what an iterator's next returns
		value any
		done  bool
	}
)

// bind gives the module the functions that it imports: those of wasm-bindgen
// for byte arrays, strings, arrays and errors. None of them reaches anything
// but the renderer's own memory and objects.
func bind(ctx context.Context, rt wazero.Runtime) error {
	type u = uint32
	of := func(ctx context.Context) *renderer { return ctx.Value(rendererKey{}).(*renderer) }
	read := func(r *renderer, at, n u) []byte {
		b, ok := r.memory.Read(at, n)
		if !ok {
			panic(errMemory)
		}
		return b
	}
	flag := func(b bool) u {
		if b {
			return 1
		}
		return 0
	}
	unary := func(f func(v any) any) any {
		return func(ctx context.Context, i u) u {
			o := &of(ctx).values
			return o.add(f(o.get(i)))
		}
	}
	b := rt.NewHostModuleBuilder("wbg")
	for name, f := range map[string]any{
		"__wbindgen_memory":             func(ctx context.Context) u { return of(ctx).values.add(memoryObject{}) },
		"__wbg_buffer_12d079cc21e14bdb": unary(func(v any) any { return v }),
		// A view of the renderer's memory, copied: the module only reads it.
		"__wbg_newwithbyteoffsetandlength_aa4a17c33a06e5cb": func(ctx context.Context, _, at, n u) u {
			r := of(ctx)
			return r.values.add(bytes.Clone(read(r, at, n)))
		},
		"__wbindgen_object_drop_ref": func(ctx context.Context, i u) { of(ctx).values.take(i) },
		"__wbg_new_63b92bc8671ed464": unary(func(v any) any { return v }), // Uint8Array of a Uint8Array or of the memory
		"__wbg_values_839f3396d5aac002": unary(func(v any) any {
			if l, ok := v.(*list); ok {
				return &iterator{l.items}
			}
			return &iterator{}
		}),
		"__wbg_next_196c84450b364254": unary(func(v any) any {
			it, ok := v.(*iterator)
			if !ok || len(it.rest) == 0 {
				return step{done: true}
			}
			s := step{value: it.rest[0]}
			it.rest = it.rest[1:]
			return s
		}),
		"__wbg_done_298b57d23c0fc80c": func(ctx context.Context, i u) u {
			s, _ := of(ctx).values.get(i).(step)
			return flag(s.done)
		},
		"__wbg_value_d93c65011f51a456": unary(func(v any) any {
			s, _ := v.(step)
			return s.value
		}),
		"__wbg_instanceof_Uint8Array_2b3bbecd033d19f6": func(ctx context.Context, i u) u {
			_, ok := of(ctx).values.get(i).([]byte)
			return flag(ok)
		},
		"__wbindgen_string_get": func(ctx context.Context, out, i u) {
			r := of(ctx)
			s, ok := r.values.get(i).(string)
			var at uint64
			if ok {
				var err error
				if at, err = r.text(ctx, s); err != nil {
					panic(err)
				}
			}
			if !r.memory.WriteUint32Le(out, u(at)) || !r.memory.WriteUint32Le(out+4, u(len(s))) {
				panic(errMemory)
			}
		},
		"__wbg_new_16b304a2cfa7ff4a": func(ctx context.Context) u { return of(ctx).values.add(&list{}) },
		"__wbindgen_string_new": func(ctx context.Context, at, n u) u {
			r := of(ctx)
			return r.values.add(string(read(r, at, n)))
		},
		"__wbg_new_28c511d9baebfa89": func(ctx context.Context, at, n u) u {
			r := of(ctx)
			return r.values.add(errors.New(string(read(r, at, n))))
		},
		"__wbg_push_a5b05aedc7234f9f": func(ctx context.Context, to, i u) u {
			o := &of(ctx).values
			l, ok := o.get(to).(*list)
			if !ok {
				return 0
			}
			l.items = append(l.items, o.get(i))
			return u(len(l.items))
		},
		"__wbg_length_c20a40f15020d68a": func(ctx context.Context, i u) u {
			b, _ := of(ctx).values.get(i).([]byte)
			return u(len(b))
		},
		// Copies a byte array into the renderer's memory.
		"__wbg_set_a47bac70306a19a7": func(ctx context.Context, _, i, at u) {
			r := of(ctx)
			if b, _ := r.values.get(i).([]byte); !r.memory.Write(at, b) {
				panic(errMemory)
			}
		},
		"__wbindgen_throw": func(ctx context.Context, at, n u) {
			panic(errors.New(string(read(of(ctx), at, n))))
		},
	} {
		b = b.NewFunctionBuilder().WithFunc(f).Export(name)
	}
	_, err := b.Instantiate(ctx)
	return err
}
