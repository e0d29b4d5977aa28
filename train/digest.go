package train

import (
	"context"

	"github.com/limner-ai/limner/dataset/picture"
)

// digest is the root of a set, computed beside the first iterations: reading
// every picture once can take longer than a user wants to wait.
type digest struct {
	cancel context.CancelFunc
	done   chan struct{}
	root   picture.Root
	err    error
}

func digestOf(ctx context.Context, s picture.Set) *digest {
	// Ctrl-C must not end it: the last checkpoint wants the root.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	d := &digest{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(d.done)
		d.root, d.err = picture.Digest(ctx, s)
	}()
	return d
}

func (d *digest) wait() (picture.Root, error) {
	<-d.done
	return d.root, d.err
}

func (d *digest) stop() {
	d.cancel()
	<-d.done
}
