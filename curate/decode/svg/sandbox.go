package svg

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"fmt"
	"io"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// module is resvg compiled to WebAssembly: the file index_bg.wasm of
// @resvg/resvg-wasm 2.6.2, gzipped and otherwise unchanged.
//
//go:embed resvg.wasm.gz
var module []byte

const (
	pageBytes = 64 << 10
	// maxMemory is what one document may make the renderer use.
	maxMemory = 512 << 20
	// idleMemory is how large a renderer may have grown and still be kept for
	// the next document; memory of a WebAssembly instance never shrinks.
	idleMemory = 32 << 20
	// idleRenderers bounds how many wait for the next document.
	idleRenderers = 64
)

// engine holds the compiled module. It is made by the first document.
type engine struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	idle     chan *renderer
}

// Start compiles the renderer, which takes seconds; the first Rasterise does so
// otherwise. Without a compiler for the processor, documents are interpreted.
func Start() error {
	_, err := started()
	return err
}

var started = sync.OnceValues(start)

func start() (*engine, error) {
	z, err := gzip.NewReader(bytes.NewReader(module))
	if err != nil {
		return nil, fmt.Errorf("svg renderer: %w", err)
	}
	code, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("svg renderer: %w", err)
	}
	ctx := context.Background()
	e := &engine{idle: make(chan *renderer, idleRenderers)}
	e.runtime = wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().
		WithMemoryLimitPages(maxMemory/pageBytes).
		WithCloseOnContextDone(true))
	if err := bind(ctx, e.runtime); err != nil {
		return nil, fmt.Errorf("svg renderer: %w", err)
	}
	if e.compiled, err = e.runtime.CompileModule(ctx, code); err != nil {
		return nil, fmt.Errorf("svg renderer: %w", err)
	}
	return e, nil
}

// take returns an idle renderer or makes one.
func (e *engine) take(ctx context.Context) (*renderer, error) {
	select {
	case r := <-e.idle:
		return r, nil
	default:
	}
	m, err := e.runtime.InstantiateModule(ctx, e.compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, fmt.Errorf("svg renderer: %w", err)
	}
	return &renderer{module: m, memory: m.Memory()}, nil
}

// put keeps a renderer that ended its work well.
func (e *engine) put(ctx context.Context, r *renderer) {
	if r.memory.Size() <= idleMemory {
		select {
		case e.idle <- r:
			return
		default:
		}
	}
	r.module.Close(ctx)
}

// renderer is one instance of the module: its own memory, which nothing else
// can see, and no way out but the functions of bind.
type renderer struct {
	module api.Module
	memory api.Memory
	values objects
}

// call runs an exported function and returns its first result.
func (r *renderer) call(ctx context.Context, name string, args ...uint64) (uint64, error) {
	out, err := r.module.ExportedFunction(name).Call(context.WithValue(ctx, rendererKey{}, r), args...)
	if err != nil {
		return 0, err
	}
	if len(out) == 0 {
		return 0, nil
	}
	return out[0], nil
}

// result runs a function whose result is a pointer to three words: a value,
// the value thrown, and whether one was thrown.
func (r *renderer) result(ctx context.Context, name string, args ...uint64) (uint32, error) {
	at, err := r.call(ctx, "__wbindgen_add_to_stack_pointer", api.EncodeI32(-16))
	if err != nil {
		return 0, err
	}
	if _, err := r.call(ctx, name, append([]uint64{at}, args...)...); err != nil {
		return 0, err
	}
	word := func(i uint32) uint32 {
		w, _ := r.memory.ReadUint32Le(uint32(at) + 4*i)
		return w
	}
	value, thrown, failed := word(0), word(1), word(2) != 0
	if _, err := r.call(ctx, "__wbindgen_add_to_stack_pointer", api.EncodeI32(16)); err != nil {
		return 0, err
	}
	if failed {
		return 0, fmt.Errorf("%w: %v", errRefused, r.values.take(thrown))
	}
	return value, nil
}

// text copies s into the renderer's memory.
func (r *renderer) text(ctx context.Context, s string) (uint64, error) {
	at, err := r.call(ctx, "__wbindgen_malloc", uint64(len(s)), 1)
	if err != nil {
		return 0, err
	}
	if !r.memory.WriteString(uint32(at), s) {
		return 0, errMemory
	}
	return at, nil
}
