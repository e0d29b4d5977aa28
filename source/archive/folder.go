package archive

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/limner-ai/limner/source"
)

// folder walks a folder of the file system, which nothing in it can lead out of.
func (w *walk) folder(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if name == "." {
			return err
		}
		if err != nil {
			return w.refuse(name, source.Unreachable, plain(err))
		}
		clean, err := w.admit(name)
		if clean == "" || err != nil {
			if err == nil && d.IsDir() {
				return fs.SkipDir
			}
			return err
		}
		switch mode := d.Type(); {
		case mode.IsDir():
			return nil
		case mode&fs.ModeSymlink != 0:
			return w.refuse(clean, source.Unsafe, errors.New("a link; put the file itself there"))
		case !mode.IsRegular():
			return w.refuse(clean, source.Unsafe, errors.New("not a plain file"))
		}
		info, err := d.Info()
		if err != nil {
			return w.refuse(clean, source.Unreachable, plain(err))
		}
		e := &Entry{Path: clean, Size: info.Size(), max: w.limits.File}
		e.open = func() (io.ReadCloser, error) {
			f, err := root.Open(name)
			if err != nil {
				return nil, e.refused(source.Unreachable, plain(err))
			}
			return stream{
				read: func(b []byte) (int, error) {
					n, err := f.Read(b)
					if err != nil && err != io.EOF {
						err = e.refused(source.Unreachable, plain(err))
					}
					return n, err
				},
				close: f.Close,
			}, nil
		}
		return w.give(e)
	})
}

// plain strips the path off an error, since it is told apart from it.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	return err
}
