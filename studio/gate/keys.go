package gate

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/limner-ai/limner/internal/digest"
)

// Key is an API key without its secret.
type Key struct {
	Name    string        `json:"name"`
	SHA256  digest.SHA256 `json:"sha256"`          // of the secret
	Rate    Rate          `json:"rate,omitzero"`   // of requests that ask for work
	Daily   int           `json:"daily,omitempty"` // pictures a day (UTC); 0: no limit
	Work    []string      `json:"work"`            // kinds of jobs that it may ask for
	Created time.Time     `json:"created"`
}

// Keys are the API keys in a folder, a file each. Only the SHA-256 of a secret
// is kept. That is enough, and no slow password hash is needed: a secret is 256
// random bits, which nobody finds by trying, however fast the hash.
type Keys struct {
	dir string

	mu   sync.Mutex
	read time.Time // when the folder was read
	keys []Key
}

const (
	secretPrefix = "limner_" // so that scanners of leaked secrets know one
	secretBytes  = 32
	// reread bounds for how long a key that was removed still opens.
	reread = time.Second
)

var keyName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// ErrNoKey says that there is no key of a name.
var ErrNoKey = errors.New("no such key; see limner keys list")

// OpenKeys returns the keys in a folder, which the first Add makes.
func OpenKeys(dir string) *Keys { return &Keys{dir: dir} }

// Add makes a key and returns its secret, which cannot be had again.
// What is not given in limits is without a limit, but for Work: a key is for
// what is listed there.
func (k *Keys) Add(name string, limits Key) (secret string, err error) {
	switch {
	case !keyName.MatchString(name):
		return "", fmt.Errorf("%q is no name for a key: use lower-case letters, digits, dot, dash and underscore", name)
	case name == Local:
		return "", fmt.Errorf("the name %s is taken: it stands for requests without a key", Local)
	case limits.Daily < 0:
		return "", errors.New("a key cannot have less than 0 pictures a day")
	}
	b := make([]byte, secretBytes)
	rand.Read(b) // never fails: crypto/rand
	secret = secretPrefix + base64.RawURLEncoding.EncodeToString(b)
	limits.Name, limits.SHA256, limits.Created = name, sha256.Sum256([]byte(secret)), time.Now().UTC()
	text, err := json.MarshalIndent(limits, "", "  ")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return "", err
	}
	// Not replaced, if it exists: two commands at once make one key or two.
	f, err := os.OpenFile(k.path(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("there is a key %s already; remove it first: limner keys remove %s", name, name)
	}
	if err != nil {
		return "", err
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return secret, nil
}

func (k *Keys) path(name string) string { return filepath.Join(k.dir, name+".json") }

// Remove ends a key; a server that runs heeds it within a second.
func (k *Keys) Remove(name string) error {
	if !keyName.MatchString(name) {
		return ErrNoKey
	}
	err := os.Remove(k.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoKey
	}
	return err
}

// List reads all keys, by name. A file that cannot be read is an error that
// does not hide the others.
func (k *Keys) List() ([]Key, error) {
	files, err := os.ReadDir(k.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var keys []Key
	var faults []error
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".json")
		if !ok {
			continue
		}
		key, err := readKey(k.path(name), name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Compare(a.Name, b.Name) })
	return keys, errors.Join(faults...)
}

func readKey(path, name string) (Key, error) {
	var key Key
	text, err := os.ReadFile(path)
	if err != nil {
		return key, err
	}
	if err := json.Unmarshal(text, &key); err != nil || key.Name != name || key.SHA256 == (digest.SHA256{}) || key.Daily < 0 {
		return key, fmt.Errorf("%s: not a key; remove the file", path)
	}
	return key, nil
}

// find returns the key of a secret. It compares with every key, in the same
// time whichever fits.
func (k *Keys) find(secret string) (Key, bool) {
	if k == nil || !strings.HasPrefix(secret, secretPrefix) {
		return Key{}, false
	}
	sum := sha256.Sum256([]byte(secret))
	at := -1
	keys := k.current()
	for i := range keys {
		if subtle.ConstantTimeCompare(sum[:], keys[i].SHA256[:]) == 1 {
			at = i
		}
	}
	if at < 0 {
		return Key{}, false
	}
	return keys[at], true
}

// named returns the key of a name.
func (k *Keys) named(name string) (Key, bool) {
	if k == nil {
		return Key{}, false
	}
	for _, key := range k.current() {
		if key.Name == name {
			return key, true
		}
	}
	return Key{}, false
}

// current is the list as the folder has it, at most a second old.
func (k *Keys) current() []Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := time.Now(); now.Sub(k.read) > reread {
		k.read = now
		// One bad file locks out its own key, not everyone.
		k.keys, _ = k.List()
	}
	return k.keys
}
