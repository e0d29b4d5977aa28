package gate

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/limner-ai/limner/internal/atomicfile"
)

// Purse counts the pictures that keys have had today (UTC). What it counts
// outlives the process: a line is written for each time that something is
// spent, before it is had. Its methods may be called from any goroutine.
type Purse struct {
	keys *Keys

	mu    sync.Mutex
	day   string // of the counts
	spent map[string]int
	path  string
	file  *os.File // nil: the count is that of this process
}

// OpenPurse opens the purse in a file, or makes it. The counts of days that are
// over, and a line that was not written to its end, are dropped.
func OpenPurse(path string, keys *Keys) (*Purse, error) {
	p := &Purse{keys: keys, path: path}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot read how many pictures keys have had today: %w", err)
	}
	p.begin(time.Now())
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		part := strings.Fields(lines.Text())
		if len(part) != 3 || part[0] != p.day {
			continue
		}
		if n, err := strconv.Atoi(part[2]); err == nil {
			p.spent[part[1]] = max(0, p.spent[part[1]]+n)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the folder of the keys' counts: %w", err)
	}
	return p, p.rewrite()
}

// rewrite makes the file anew, with a line for each key.
func (p *Purse) rewrite() error {
	if p.file != nil {
		if err := p.file.Close(); err != nil {
			return err
		}
		p.file = nil
	}
	err := atomicfile.Write(p.path, 0o600, func(w io.Writer) error {
		for name, n := range p.spent {
			if _, err := fmt.Fprintf(w, "%s %s %d\n", p.day, name, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		p.file, err = os.OpenFile(p.path, os.O_WRONLY|os.O_APPEND, 0o600)
	}
	if err != nil {
		return fmt.Errorf("cannot write how many pictures keys have had today: %w", err)
	}
	return nil
}

// begin turns to the day of a time, and reports whether it is another one.
func (p *Purse) begin(now time.Time) bool {
	today := now.UTC().Format(time.DateOnly)
	if today == p.day {
		return false
	}
	p.day, p.spent = today, map[string]int{}
	return true
}

// Close ends the use of the file.
func (p *Purse) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil {
		return nil
	}
	err := p.file.Close()
	p.file = nil
	return err
}

// As returns a context in which an owner asks who is not asking now, for work
// that is begun on the owner's behalf: the owner's key says what may be asked
// for, and pays. An owner whose key is gone may ask for nothing.
func (p *Purse) As(ctx context.Context, owner string) context.Context {
	v := &visit{owner: owner, purse: p}
	if was := visitOf(ctx); was != nil {
		v.id = was.id
	}
	if owner != Local {
		key, ok := p.keys.named(owner)
		if !ok {
			key = Key{Name: owner}
		}
		v.key = &key
	}
	return context.WithValue(ctx, contextKey{}, v)
}

// Spend takes pictures from what the key of a request may have today. The error
// is a *LimitError if it may not have so many. Without a key there is no such
// limit.
func Spend(ctx context.Context, pictures int) error {
	v := visitOf(ctx)
	if v == nil || v.key == nil || v.key.Daily == 0 || v.purse == nil {
		return nil
	}
	return v.purse.spend(v.key, pictures, time.Now())
}

// Refund gives back what was spent on nothing.
func Refund(ctx context.Context, pictures int) {
	v := visitOf(ctx)
	if v == nil || v.key == nil || v.key.Daily == 0 || v.purse == nil {
		return
	}
	p := v.purse
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := min(pictures, p.spent[v.key.Name]); n > 0 && p.note(v.key.Name, -n) == nil {
		p.spent[v.key.Name] -= n
	}
}

// May reports whether the key of a request may ask for work of a kind. Without
// a key, where none is required, all may be asked for.
func May(ctx context.Context, kind string) bool {
	v := visitOf(ctx)
	return v == nil || v.key == nil || slices.Contains(v.key.Work, kind)
}

func (p *Purse) spend(k *Key, pictures int, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.begin(now) && p.file != nil {
		if err := p.rewrite(); err != nil {
			return err
		}
	}
	if p.spent[k.Name]+pictures > k.Daily {
		tomorrow := now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
		return &LimitError{What: fmt.Sprintf("the key %s has had %d of its %d pictures of today", k.Name, p.spent[k.Name], k.Daily), After: tomorrow.Sub(now)}
	}
	if err := p.note(k.Name, pictures); err != nil {
		return err
	}
	p.spent[k.Name] += pictures
	return nil
}

// note writes a line. The system has it when note returns, so that it outlives
// this process; it is not forced to the disk, since a day's count is not worth
// a wait for each picture.
func (p *Purse) note(name string, n int) error {
	if p.file == nil {
		return nil
	}
	if _, err := fmt.Fprintf(p.file, "%s %s %d\n", p.day, name, n); err != nil {
		return fmt.Errorf("cannot write how many pictures keys have had today: %w", err)
	}
	return nil
}
