package usage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/sourcetest"
)

var terms = Terms{"You may learn from what I keep.", []string{"train", "output"}}

var model = Model{"emoji-64", digest.SHA256{7}, "root-abc"}

// begin opens a new store whose clock is a second further at every look.
func begin(t *testing.T) (*Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "usage")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s.now = func() time.Time { at = at.Add(time.Second); return at }
	return s, dir
}

func picture(t *testing.T, n int) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	m.Set(1, 1, color.NRGBA{uint8(n), uint8(n >> 8), 9, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// did records what a user did with picture n, made from a prompt.
func did(t *testing.T, s *Store, user string, a Action, n int, prompt string) digest.SHA256 {
	t.Helper()
	data := picture(t, n)
	e := Event{User: user, Action: a, Picture: sha256.Sum256(data), Prompt: prompt, Seed: uint64(n), Model: model}
	must(t, s.Record(t.Context(), e, data))
	return e.Picture
}

func TestConsent(t *testing.T) {
	s, _ := begin(t)
	ctx := t.Context()
	data := picture(t, 1)
	e := Event{User: "ann", Action: Kept, Picture: sha256.Sum256(data), Prompt: "a fox", Model: model}
	if err := s.Record(ctx, e, data); !errors.Is(err, ErrNoConsent) {
		t.Errorf("without consent: %v", err)
	}
	must(t, s.Consent(ctx, "ann", terms))
	must(t, s.Consent(ctx, "ann", terms)) // once more changes nothing
	must(t, s.Record(ctx, e, data))
	early := e
	early.Time = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	if err := s.Record(ctx, early, data); !errors.Is(err, ErrNoConsent) {
		t.Errorf("an event from before the consent: %v", err)
	}
	if ranks := ranking(t, s, terms); len(ranks) != 1 {
		t.Errorf("ranked: %+v", ranks)
	}
	other := Terms{terms.Words + " And publish it.", terms.Purposes}
	if ranks := ranking(t, s, other); len(ranks) != 0 {
		t.Errorf("ranked under terms that nobody consented to: %+v", ranks)
	}
	must(t, s.Withdraw(ctx, "ann"))
	must(t, s.Withdraw(ctx, "ann"))
	if err := s.Record(ctx, e, data); !errors.Is(err, ErrNoConsent) {
		t.Errorf("after withdrawal: %v", err)
	}
	if ranks := ranking(t, s, terms); len(ranks) != 0 {
		t.Errorf("used after withdrawal: %+v", ranks)
	}
	must(t, s.Consent(ctx, "ann", terms))
	if ranks := ranking(t, s, terms); len(ranks) != 0 {
		t.Errorf("a new consent took up what was recorded under the old: %+v", ranks)
	}
	want := Totals{Users: 1, Events: 1, Recorded: 1}
	if got, err := s.Totals(ctx); err != nil || got != want {
		t.Errorf("totals %+v, %v; want %+v", got, err, want)
	}
}

func ranking(t *testing.T, s *Store, terms Terms) (all []string) {
	t.Helper()
	for ranks, err := range s.Ranking(t.Context(), terms) {
		must(t, err)
		for _, r := range ranks {
			all = append(all, fmt.Sprintf("%s #%d: %d = %d-%d e%d s%d d%d", r.Prompt, r.Seed, r.Score(), r.Kept, r.Discarded, r.Edited, r.Skipped, r.Downloaded))
		}
	}
	return all
}

func TestRanking(t *testing.T) {
	s, _ := begin(t)
	for _, u := range []string{"ann", "bo", "cy", "dee"} {
		must(t, s.Consent(t.Context(), u, terms))
	}
	did(t, s, "ann", Kept, 1, "a fox")
	did(t, s, "ann", Kept, 1, "a fox") // twice counts once
	did(t, s, "bo", Discarded, 1, "a fox")
	did(t, s, "bo", Kept, 1, "a fox") // bo's last word
	did(t, s, "cy", Kept, 2, "a fox")
	did(t, s, "cy", Discarded, 2, "a fox")
	did(t, s, "cy", Downloaded, 2, "a fox")
	did(t, s, "ann", Edited, 3, "a fox")
	did(t, s, "bo", Skipped, 3, "a fox")
	did(t, s, "dee", Edited, 1, "a fox") // withdrawn below, like all of dee's
	did(t, s, "dee", Kept, 4, "a dog")
	did(t, s, "dee", Kept, 5, "") // made without words
	must(t, s.Withdraw(t.Context(), "dee"))
	did(t, s, "cy", Kept, 6, "")
	want := []string{" #6: 1 = 1-0 e0 s0 d0", "a fox #1: 2 = 2-0 e0 s0 d0", "a fox #3: 0 = 0-0 e1 s1 d0", "a fox #2: -1 = 0-1 e0 s0 d1"}
	if got := ranking(t, s, terms); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestManyPrompts(t *testing.T) {
	s, _ := begin(t)
	must(t, s.Consent(t.Context(), "ann", terms))
	for i := range 205 {
		did(t, s, "ann", Kept, i, fmt.Sprintf("prompt %03d", i))
	}
	got := ranking(t, s, terms)
	if len(got) != 205 || !slices.IsSorted(got) {
		t.Errorf("%d prompts", len(got))
	}
}

func TestErase(t *testing.T) {
	s, dir := begin(t)
	ctx := t.Context()
	must(t, s.Consent(ctx, "ann-the-user", terms))
	must(t, s.Consent(ctx, "bo", terms))
	both := did(t, s, "bo", Kept, 1, "shared words")
	did(t, s, "ann-the-user", Kept, 1, "shared words")
	own := did(t, s, "ann-the-user", Kept, 2, "my secret wish")
	did(t, s, "ann-the-user", Discarded, 2, "my secret wish")
	must(t, s.Withdraw(ctx, "ann-the-user")) // a consent that ended is erased too
	gone, err := s.Erase(ctx, "ann-the-user")
	if err != nil || gone.Events != 3 || !reflect.DeepEqual(gone.Pictures, []digest.SHA256{own}) {
		t.Fatalf("erased %+v, %v", gone, err)
	}
	if s.pictures.Has(own) || !s.pictures.Has(both) {
		t.Error("the wrong pictures were removed")
	}
	if gone, err = s.Erase(ctx, "ann-the-user"); err != nil || gone.Events != 0 || gone.Pictures != nil {
		t.Errorf("erased once more: %+v, %v", gone, err)
	}
	want := Totals{Users: 1, Events: 1, Used: 1, Recorded: 4, Erased: 3, Erasures: 1}
	if got, err := s.Totals(ctx); err != nil || got != want {
		t.Errorf("totals %+v, %v; want %+v", got, err, want)
	}
	did(t, s, "bo", Downloaded, 1, "shared words")
	if got, err := s.Totals(ctx); err != nil || got.Recorded != got.Events+got.Erased {
		t.Errorf("the numbers do not add up: %+v, %v", got, err)
	}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, trace := range []string{"ann-the-user", "my secret wish", string(own[:])} {
			if bytes.Contains(data, []byte(trace)) {
				t.Errorf("%s still holds %q", path, trace)
			}
		}
		return err
	}))
	must(t, s.Consent(ctx, "ann-the-user", terms))
	did(t, s, "ann-the-user", Kept, 2, "my secret wish")
	if !s.pictures.Has(own) {
		t.Error("a picture that was erased cannot be recorded anew")
	}
}

func TestInterruptedErasure(t *testing.T) {
	s, dir := begin(t)
	must(t, s.Consent(t.Context(), "ann", terms))
	p := did(t, s, "ann", Kept, 1, "a fox")
	// As a kill between the deletion and the removal of files leaves it.
	for _, q := range []string{`DELETE FROM event`, `DELETE FROM picture`} {
		if _, err := s.db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.db.Exec(sqlDoom, p[:]); err != nil {
		t.Fatal(err)
	}
	again, err := Open(dir)
	must(t, err)
	defer again.Close()
	if again.pictures.Has(p) {
		t.Error("the file is still there")
	}
}

func TestAppendOnly(t *testing.T) {
	s, _ := begin(t)
	must(t, s.Consent(t.Context(), "ann", terms))
	did(t, s, "ann", Kept, 1, "a fox")
	for _, q := range []string{
		`UPDATE event SET action = 'discarded'`, `UPDATE consent SET user = 'bo'`,
		`UPDATE consent SET terms = x'00'`, `UPDATE consent SET withdrawn = NULL`,
	} {
		if _, err := s.db.Exec(q); err == nil {
			t.Errorf("%s: no error", q)
		}
	}
}

func TestRefusedEvents(t *testing.T) {
	s, _ := begin(t)
	must(t, s.Consent(t.Context(), "ann", terms))
	data := picture(t, 1)
	good := Event{User: "ann", Action: Kept, Picture: sha256.Sum256(data), Prompt: "a fox", Seed: 1 << 63, Model: model}
	must(t, s.Record(t.Context(), good, data))
	for name, c := range map[string]struct {
		change func(*Event)
		data   []byte
		want   string
	}{
		"action":        {func(e *Event) { e.Action = "liked" }, nil, "action"},
		"no picture":    {func(e *Event) { e.Picture = digest.SHA256{} }, nil, "digest"},
		"other picture": {func(*Event) {}, []byte("x"), "not that of the digest"},
		"no user":       {func(e *Event) { e.User = "" }, nil, "user"},
		"no model":      {func(e *Event) { e.Model.Name = "" }, nil, "model"},
		"long":          {func(e *Event) { e.Prompt = strings.Repeat("x", 70_000) }, nil, "prompt has more"},
		"no text":       {func(e *Event) { e.Prompt = "\xff" }, nil, "UTF-8"},
		"result":        {func(e *Event) { e.Result = digest.SHA256{1} }, nil, "only editing"},
		"another seed":  {func(e *Event) { e.Seed = 3 }, nil, "another prompt, seed or model"},
	} {
		e := good
		c.change(&e)
		if err := s.Record(t.Context(), e, c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	for name, bad := range map[string]Terms{"no words": {"", []string{"train"}}, "no purpose": {"x", nil}, "purpose": {"x", []string{"sell"}}} {
		if err := s.Consent(t.Context(), "ann", bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if got, err := s.Totals(t.Context()); err != nil || got.Events != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestExport(t *testing.T) {
	s, _ := begin(t)
	must(t, s.Consent(t.Context(), "ann", terms))
	must(t, s.Consent(t.Context(), "bo", terms))
	did(t, s, "bo", Kept, 9, "of bo")
	e := Event{User: "ann", Action: Edited, Picture: digest.SHA256{1}, Result: digest.SHA256{2}, Prompt: "<fox> & \"hound\"", Seed: 1<<64 - 1, Model: model,
		Time: time.Date(2026, 12, 1, 2, 3, 4, 5000, time.UTC)}
	must(t, s.Record(t.Context(), e, nil))
	must(t, s.Withdraw(t.Context(), "ann"))
	var out bytes.Buffer
	must(t, s.Export(t.Context(), "ann", &out))
	if strings.Contains(out.String(), "of bo") {
		t.Error("it tells of others")
	}
	var own Own
	must(t, json.Unmarshal(out.Bytes(), &own))
	e.User = ""
	if own.User != "ann" || len(own.Consents) != 1 || own.Consents[0].Words != terms.Words || own.Consents[0].Withdrawn.Before(own.Consents[0].Given) ||
		!reflect.DeepEqual(own.Events, []Event{e}) {
		t.Errorf("exported %+v", own)
	}
	out.Reset()
	must(t, s.Export(t.Context(), "nobody", &out))
	if !strings.Contains(out.String(), `"events": []`) {
		t.Errorf("of nobody: %s", &out)
	}
}

func TestSeveralAtOnce(t *testing.T) {
	s, dir := begin(t)
	must(t, s.Consent(t.Context(), "ann", terms))
	other, err := Open(dir)
	must(t, err)
	defer other.Close()
	other.now = func() time.Time { return time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC) }
	s.now = other.now
	var all sync.WaitGroup
	for i, store := range []*Store{s, other, s, other} {
		all.Go(func() {
			for j := range 5 {
				e := Event{User: "ann", Action: Kept, Picture: digest.SHA256{byte(i), byte(j), 1}, Model: model}
				if err := store.Record(t.Context(), e, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got, err := s.Totals(t.Context()); err != nil || got.Events != 20 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSource(t *testing.T) {
	s, dir := begin(t)
	ctx := t.Context()
	for _, u := range []string{"ann", "bo", "cy"} {
		must(t, s.Consent(ctx, u, terms))
	}
	var paths []string
	for i := range 12 {
		p := did(t, s, "ann", Kept, i, fmt.Sprint("thing ", i))
		paths = append(paths, hex.EncodeToString(p[:])+".png")
	}
	slices.Sort(paths)
	did(t, s, "bo", Kept, 0, "thing 0")
	did(t, s, "ann", Kept, 50, "undecided")
	did(t, s, "bo", Discarded, 50, "undecided")
	did(t, s, "bo", Downloaded, 51, "downloaded only")
	lost := did(t, s, "cy", Kept, 52, "its file is lost")
	must(t, s.pictures.Erase(lost))
	text := []byte("no picture")
	must(t, s.Record(ctx, Event{User: "cy", Action: Kept, Picture: sha256.Sum256(text), Model: model}, text))
	must(t, s.Record(ctx, Event{User: "cy", Action: Kept, Picture: digest.SHA256{5}, Prompt: "only its digest", Model: model}, nil))
	must(t, s.Consent(ctx, "dee", Terms{"other words", []string{"train"}}))
	did(t, s, "dee", Kept, 60, "under other words")
	no := sha256.Sum256(text)

	home := filepath.Dir(dir)
	must(t, os.WriteFile(filepath.Join(home, "consent.txt"), []byte(terms.Words), 0o644))
	config := "kind: usage\nconsent: consent.txt\npurposes: [output, train]\noperator: The Studio\n"
	sourcetest.Run(t, sourcetest.Case{
		Kind: Kind, Config: config, Env: source.Env{Dir: home}, Paths: paths,
		Refused: map[string]source.Why{hex.EncodeToString(lost[:]): source.Unreachable, hex.EncodeToString(no[:]): source.Malformed},
		Mistakes: map[string]string{
			"operator: x\n": "consent",
			"consent: consent.txt\npurposes: [train]\n":                                   "operator",
			"consent: no.txt\npurposes: [train]\noperator: x\n":                           "consent",
			"consent: consent.txt\noperator: x\n":                                         "purposes",
			"consent: consent.txt\npurposes: [train]\noperator: x\nleast: 0\n":            "least",
			"consent: consent.txt\npurposes: [train]\noperator: x\npath: nowhere\n":       "path",
			"consent: consent.txt\npurposes: [train]\noperator: x\nwords: more of them\n": "words",
		},
	})
	src, err := Kind.Open(ctx, []byte(config+"least: 2\n"), source.Env{Dir: home})
	must(t, err)
	var items []source.Item
	for item, err := range src.Items(ctx) {
		must(t, err)
		items = append(items, item)
	}
	if len(items) != 1 {
		t.Fatalf("%d items that two users kept", len(items))
	}
	it := items[0]
	written := "generated by the model emoji-64 (" + model.Weights.String() + "), trained on the data set root-abc"
	if it.Captions[0].Text != "thing 0" || it.Creator != "emoji-64" || !reflect.DeepEqual(it.Keywords, []string{"synthetic"}) ||
		it.Statements[0].Written != written || !strings.Contains(string(it.Statements[0].Evidence.Data), `"seed":0`) {
		t.Errorf("%+v", it)
	}
	about, err := src.About(ctx)
	must(t, err)
	if about.Type != source.Usage || about.Basis != "consent of 3 users" || string(about.Agreement.Document.Data) != terms.Words || !about.Agreement.Delete {
		t.Errorf("%+v", about)
	}
}

func TestNotAStore(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "usage.db"), bytes.Repeat([]byte("no database"), 100), 0o644))
	if _, err := Open(dir); err == nil {
		t.Error("garbage was opened")
	}
	s, dir := begin(t)
	if _, err := s.db.Exec(`PRAGMA application_id = 5`); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "something else") {
		t.Errorf("another program's database: %v", err)
	}
	if _, err := s.db.Exec(fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = 9`, applicationID)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "version 9") {
		t.Errorf("a later version: %v", err)
	}
}
