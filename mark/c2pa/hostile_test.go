package c2pa

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"

	"github.com/limner-ai/limner/mark/carrier"
)

// within puts a store into a PNG.
func within(t testing.TB, store []byte) []byte {
	file := pngFile(t)
	return bytes.Join([][]byte{file[:33], carrier.Frame(carrier.PNG, store), file[33:]}, nil)
}

// A signature over something else than the claim proves nothing of the claim.
func TestASignatureIsOverTheClaim(t *testing.T) {
	id := newIdentity(t, nil)
	m := cose.NewSign1Message()
	m.Headers.Protected.SetAlgorithm(cose.AlgorithmES256)
	m.Payload = []byte("something else")
	if err := m.Sign(rand.Reader, nil, id.signer.key); err != nil {
		t.Fatal(err)
	}
	var r Record
	checkClaim(&r, "", m, id.leaf, []byte("the claim"))
	if len(r.Statuses) != 1 || r.Statuses[0].Code != signatureMismatch {
		t.Errorf("%+v", r.Statuses)
	}
}

func TestCutStores(t *testing.T) {
	id := newIdentity(t, nil)
	file := sign(t, pngFile(t), created(), id)
	for n := range file {
		if r, err := Read(file[:n], id.trust); err == nil {
			t.Fatalf("%d of %d bytes are %s", n, len(file), r.State)
		}
	}
	store, _, _ := carrier.Store(file)
	for n := 0; n < len(store); n += 5 {
		if r, err := Read(within(t, store[:n]), id.trust); err == nil && r.State == Trusted {
			t.Fatalf("%d of %d bytes of the store are trusted", n, len(store))
		}
	}
}

func TestStoresThatAskForTooMuch(t *testing.T) {
	nested := []byte{}
	for range 100 {
		nested = super(typeStore, "c2pa", nested)
	}
	wide := super(typeStore, "c2pa", bytes.Repeat(plain("free"), maxBoxes+1))
	var many [][]byte
	for range maxManifests + 1 {
		many = append(many, super(typeManifest, "m"+string(rune(len(many)))))
	}
	longLabel := super(typeStore, strings.Repeat("x", 2000))
	bad := super(typeStore, "c2pa", super(typeManifest, "m"))
	binary.BigEndian.PutUint32(bad[38:], 1<<31)
	for name, store := range map[string][]byte{
		"nested": nested, "wide": wide, "many": super(typeStore, "c2pa", many...), "label": longLabel,
		"twice": super(typeStore, "c2pa", super(typeManifest, "m"), super(typeManifest, "m")), "length": bad, "empty": super(typeStore, "c2pa"), "text": []byte("no store at all"),
	} {
		if _, err := Read(within(t, store), Trust{}); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Claims that lack parts are invalid, and no error.
func TestClaimsThatLackParts(t *testing.T) {
	claim := func(x any) []byte {
		b, err := cbor.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		return super(typeClaim, "c2pa.claim.v2", plain("cbor", b))
	}
	for name, parts := range map[string][][]byte{
		"no claim":   {},
		"two":        {claim(1), claim(1)},
		"number":     {claim(1)},
		"no CBOR":    {super(typeClaim, "c2pa.claim.v2", plain("cbor", []byte{0xFF}))},
		"no content": {super(typeClaim, "c2pa.claim.v2")},
		"compressed": {plain("brob", []byte("x"))},
		"bare":       {claim(claimMap{InstanceID: "i", Info: generatorInfo{Name: "g"}, Signature: "self#jumbf=c2pa.signature", Created: []hashedURI{{}}})},
		"old":        {super(typeClaim, "c2pa.claim", plain("cbor", []byte{0xA0}))},
	} {
		r, err := Read(within(t, super(typeStore, "c2pa", super(typeManifest, "urn:c2pa:x", parts...))), Trust{})
		if err != nil || r.State != Invalid || len(r.Failures()) == 0 {
			t.Errorf("%s: %v %+v", name, err, r)
		}
	}
}

// The length of the store that the hash leaves out is right at every length,
// also where numbers become longer, and where JPEG wants another segment.
func TestStoresOfEveryLength(t *testing.T) {
	id := newIdentity(t, nil)
	m := created()
	store, _, _ := carrier.Store(sign(t, pngFile(t), m, id))
	for _, around := range []int{65_500, 65_535, 131_034, 200_000} {
		for d := -24; d <= 24; d += 8 {
			m.Others = []Assertion{{"org.example.x", strings.Repeat("x", around-len(store)+d)}}
			for _, file := range [][]byte{pngFile(t), jpegFile(t)} {
				if r := read(t, sign(t, file, m, id), id.trust); r.State != Trusted {
					t.Fatalf("%d%+d: %+v", around, d, r.Failures())
				}
			}
		}
	}
}

// Whatever an assertion holds, the report can be written as JSON.
func TestReportsAreJSON(t *testing.T) {
	id := newIdentity(t, nil)
	m := created()
	m.Actions = append(m.Actions, Action{Name: Edited})
	m.Others = []Assertion{{"org.example.x", map[any]any{1: math.NaN(), "inf": math.Inf(1), true: []any{cbor.Tag{Number: 99, Content: "x"}, []byte{1}},
		"big": new(big.Int).Lsh(big.NewInt(1), 100), "time": time.Now()}}}
	file := forge(t, id, m, func(b *builder) {
		b.assert("c2pa.actions", map[string]any{"actions": []any{map[string]any{"action": Edited, "when": cbor.Tag{Number: 1, Content: int64(1) << 50}}}})
	})
	r := read(t, file, id.trust)
	if text, err := json.Marshal(r); err != nil || r.State != Trusted || !bytes.Contains(text, []byte("NaN")) {
		t.Errorf("%v %s %+v\n%s", err, r.State, r.Failures(), text)
	}
}

func TestManifestsThatCannotBeSigned(t *testing.T) {
	id := newIdentity(t, nil)
	for name, change := range map[string]func(m *Manifest){
		"no action":      func(m *Manifest) { m.Actions = nil },
		"wrong action":   func(m *Manifest) { m.Actions[0].Name = Edited },
		"no generator":   func(m *Manifest) { m.Generator = "" },
		"no ingredient":  func(m *Manifest) { m.Actions[0].Ingredients = []int{9} },
		"wrong relation": func(m *Manifest) { m.Ingredients[0].Relation = "friendOf" },
		"no CBOR":        func(m *Manifest) { m.Others[0].Content = make(chan int) },
		"too large":      func(m *Manifest) { m.Others[0].Content = make([]byte, carrier.MaxStore) },
	} {
		m := created()
		change(&m)
		if out, err := Sign(pngFile(t), m, id.signer, id.trust); err == nil || out != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Ingredients whose history is broken go in without it.
func TestIngredientsWithABrokenHistory(t *testing.T) {
	id := newIdentity(t, nil)
	whole := sign(t, pngFile(t), created(), id)
	store, _, _ := carrier.Store(whole)
	m := created()
	m.Ingredients = []Ingredient{
		{Title: "cut", Relation: ParentOf, File: within(t, store[:len(store)/2])},
		{Title: "no picture", Relation: InputTo, File: []byte("hello")},
		{Title: "whole", Relation: InputTo, File: whole},
		{Title: "same again", Relation: InputTo, File: whole},
	}
	m.Actions = []Action{{Name: Opened, Ingredients: []int{0}}}
	r := read(t, sign(t, jpegFile(t), m, id), id.trust)
	in := r.Active().Ingredients
	if r.State != Trusted || len(r.Manifests) != 2 || in[0].Manifest != "" || in[1].Manifest != "" || in[2].Manifest == "" || in[2].Manifest != in[3].Manifest {
		t.Errorf("%s %+v %+v", r.State, r.Failures(), in)
	}
	// So do those with too long a history.
	m.Ingredients = nil
	for _, relation := range []string{ParentOf, InputTo, InputTo} {
		long := created()
		long.Others = []Assertion{{"org.example.x", make([]byte, 3<<20)}}
		m.Ingredients = append(m.Ingredients, Ingredient{Relation: relation, File: sign(t, pngFile(t), long, id)})
	}
	r = read(t, sign(t, jpegFile(t), m, id), id.trust)
	if in := r.Active().Ingredients; r.State != Trusted || len(r.Manifests) != 3 || in[1].Manifest == "" || in[2].Manifest != "" {
		t.Errorf("%s %+v %d manifests", r.State, r.Failures(), len(r.Manifests))
	}
	// One that was altered keeps its history, and what is wrong is recorded.
	altered := bytes.Clone(whole)
	altered[len(altered)-20] ^= 1
	m.Ingredients = []Ingredient{{Relation: ParentOf, File: altered}}
	r = read(t, sign(t, jpegFile(t), m, id), id.trust)
	results, _ := r.Active().Assertions[labelIngredient].(map[string]any)["validationResults"].(map[string]any)
	active, _ := results["activeManifest"].(map[string]any)
	failures, _ := active["failure"].([]any)
	if r.State != Trusted || len(failures) != 1 || failures[0].(map[string]any)["code"] != dataHashMismatch {
		t.Errorf("%s %+v", r.State, results)
	}
}

func FuzzRead(f *testing.F) {
	id := newIdentity(f, nil)
	m := created()
	first := sign(f, pngFile(f), m, id)
	m.Ingredients = append(m.Ingredients, Ingredient{Relation: ParentOf, File: first})
	m.Actions = []Action{{Name: Opened, Ingredients: []int{1}}}
	second := sign(f, jpegFile(f), m, id)
	truth := map[string]*Record{}
	for _, file := range [][]byte{first, second} {
		store, _, _ := carrier.Store(file)
		f.Add(store)
		a := read(f, file, id.trust).Active()
		truth[a.Label] = a
	}
	base := pngFile(f)
	f.Fuzz(func(t *testing.T, store []byte) {
		file := bytes.Join([][]byte{base[:33], carrier.Frame(carrier.PNG, store), base[33:]}, nil)
		r, err := Read(file, id.trust)
		if err != nil {
			return
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
		if r.State != Trusted {
			return
		}
		a := r.Active()
		for _, want := range truth {
			if reflect.DeepEqual(a.Assertions, want.Assertions) && a.Title == want.Title {
				return
			}
		}
		t.Errorf("trusted, and never signed: %+v", a)
	})
}
