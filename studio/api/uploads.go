package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/studio/jobs"
)

// Uploads remember who brought which picture, for a few days: an empty file for
// each, in a folder of its owner. The pictures lie in the object store.
type Uploads struct {
	dir   string
	store *objects.Store
	now   func() time.Time

	mu sync.Mutex
	by map[string]map[digest.SHA256]upload
}

type upload struct {
	bytes int64
	time  time.Time
}

// Bounds of what one owner may bring.
const (
	uploadBytes = 4 << 30
	uploadDays  = 3 * 24 * time.Hour
)

// OpenUploads reads what is remembered in a folder.
func OpenUploads(dir string, store *objects.Store) (*Uploads, error) {
	u := &Uploads{dir: dir, store: store, now: time.Now, by: map[string]map[digest.SHA256]upload{}}
	owners, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the list of uploads: %w", err)
	}
	for _, owner := range owners {
		files, err := os.ReadDir(filepath.Join(dir, owner.Name()))
		if err != nil {
			return nil, fmt.Errorf("the list of uploads: %w", err)
		}
		for _, f := range files {
			var d digest.SHA256
			info, err := f.Info()
			if err != nil || d.UnmarshalText([]byte("sha256:"+f.Name())) != nil {
				continue
			}
			text, _ := os.ReadFile(filepath.Join(dir, owner.Name(), f.Name()))
			size, _ := strconv.ParseInt(string(text), 10, 64) // of a file cut short: 0
			u.note(owner.Name(), d, upload{size, info.ModTime()})
		}
	}
	return u, nil
}

func (u *Uploads) note(owner string, d digest.SHA256, x upload) {
	if u.by[owner] == nil {
		u.by[owner] = map[digest.SHA256]upload{}
	}
	u.by[owner][d] = x
}

// Has reports whether that owner brought a picture; "" stands for anybody.
func (u *Uploads) Has(owner string, d digest.SHA256) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if owner != "" {
		_, ok := u.by[owner][d]
		return ok
	}
	for _, mine := range u.by {
		if _, ok := mine[d]; ok {
			return true
		}
	}
	return false
}

// room refuses what would be too much.
func (u *Uploads) room(owner string, n int) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	sum := int64(n)
	for _, x := range u.by[owner] {
		sum += x.bytes
	}
	if sum > uploadBytes {
		return &Error{Status: 507, Code: "uploads_full", Message: fmt.Sprintf("you have uploaded %d MiB within three days, which is the most; older pictures make room", uploadBytes>>20)}
	}
	return nil
}

func (u *Uploads) path(owner string, d digest.SHA256) string {
	return filepath.Join(u.dir, owner, fmt.Sprintf("%x", d[:]))
}

func (u *Uploads) add(owner string, d digest.SHA256, n int) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	path := u.path(owner, d)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("the upload cannot be noted: %w", err)
	}
	if err := os.WriteFile(path, strconv.AppendInt(nil, int64(n), 10), 0o600); err != nil {
		return fmt.Errorf("the upload cannot be noted: %w", err)
	}
	u.note(owner, d, upload{int64(n), u.now()})
	return nil
}

// Sweep forgets uploads that are older than some days, and erases the pictures
// that nothing else needs.
func (u *Uploads) Sweep(ctx context.Context, q Queue, pinned func(digest.SHA256) bool) error {
	var old []digest.SHA256
	u.mu.Lock()
	for owner, mine := range u.by {
		for d, x := range mine {
			if u.now().Sub(x.time) > uploadDays {
				os.Remove(u.path(owner, d))
				delete(mine, d)
				old = append(old, d)
			}
		}
	}
	u.mu.Unlock()
	for _, d := range old {
		if u.Has("", d) || pinned != nil && pinned(d) {
			continue
		}
		switch _, _, err := q.Find(ctx, "", d); {
		case errors.Is(err, jobs.ErrUnknown):
			if err := u.store.Erase(d); err != nil {
				return err
			}
		case err != nil:
			return err
		}
	}
	return nil
}
