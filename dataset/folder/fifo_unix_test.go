//go:build unix

package folder

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
)

// To open a pipe would wait for ever.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "1.png", solid(2, 2, grey(1)))
	put(t, dir, "1.jpg", solid(2, 2, grey(1))) // told by its first bytes
	if err := syscall.Mkfifo(filepath.Join(dir, "2.png"), 0o666); err != nil {
		t.Skip(err)
	}
	put(t, dir, "3.png", solid(2, 2, grey(1)))
	if err := syscall.Mkfifo(filepath.Join(dir, "3.txt"), 0o666); err != nil {
		t.Skip(err)
	}
	s := open(t, picture.Source{Path: dir, Split: picture.All})
	if s.Len() != 2 || len(s.Skipped()) != 2 || s.Skipped()[0].Path != "2.png" || s.Skipped()[1].Path != "3.png" {
		t.Errorf("%d pictures, skipped %v", s.Len(), s.Skipped())
	}
}
