package c2pa

import (
	"bytes"
	"cmp"
	"fmt"
	"hash"
	"time"
)

// actionRead is an action of either version.
type actionRead struct {
	Action      string    `cbor:"action"`
	Agent       any       `cbor:"softwareAgent"` // a text in version 1
	Source      string    `cbor:"digitalSourceType"`
	Description string    `cbor:"description"`
	When        time.Time `cbor:"when"`
	Parameters  struct {
		Ingredients []hashedURI `cbor:"ingredients"`
		Ingredient  hashedURI   `cbor:"ingredient"`
	} `cbor:"parameters"`
}

func (a *actionRead) done() Done {
	d := Done{Name: clean(a.Action), When: a.When, Source: clean(a.Source), Description: clean(a.Description)}
	if y := a.When.Year(); y < 0 || y > 9999 { // which JSON has no words for
		d.When = time.Time{}
	}
	switch agent := a.Agent.(type) {
	case string:
		d.Agent = clean(agent)
	case map[any]any:
		if name, ok := agent["name"].(string); ok {
			d.Agent = clean(name)
		}
	}
	return d
}

// checkContent verifies that the file is the one that was signed (C2PA 2.4,
// section 15.12.1): all but the manifest store must have the hash that the
// manifest names.
func (v *verifier) checkContent(m *manifest) {
	r := m.record
	for _, a := range m.assertions {
		name, url := assertionName(a.label), m.url("c2pa.assertions/"+clean(a.label))
		switch {
		case a.kind != "jumb" || !isBinding(name):
		case name == labelDataHash:
			v.checkDataHash(r, url, a.content("cbor"), m.claim.Alg)
			return // more than one is a failure already
		default:
			r.fail(generalError, url, "the content is bound by "+clean(name)+", which is not checked here")
			return
		}
	}
	if m.use == typeUpdate {
		r.fail(generalError, m.url(""), "an update manifest is not checked against the content here")
	}
}

func (v *verifier) checkDataHash(r *Record, url string, data []byte, alg string) {
	var d dataHashMap
	if err := decoding.Unmarshal(data, &d); err != nil {
		r.fail(dataHashMalformed, url, err.Error())
		return
	}
	h, err := hashing(cmp.Or(d.Alg, alg))
	if err != nil {
		r.fail(algorithmUnsupported, url, err.Error())
		return
	}
	covered, others, code, why := v.hashContent(h, d.Exclusions)
	if why != "" {
		r.fail(code, url, why)
		return
	}
	switch {
	case !covered:
		r.fail(dataHashMismatch, url, "what is left out of the hash is not the manifest store alone")
	case !bytes.Equal(h.Sum(nil), d.Hash):
		r.fail(dataHashMismatch, url, "the file was altered after it was signed")
	default:
		r.succeed(dataHashMatch, url)
	}
	if others {
		r.inform(additionalExclusions, url, "more than the manifest store is left out of the hash")
	}
}

// hashContent writes the file without exclusions to h. covered says that the
// manifest store is what one of them leaves out, others that there are more.
func (v *verifier) hashContent(h hash.Hash, exclusions []exclusion) (covered, others bool, code, why string) {
	at, size := int64(0), int64(len(v.file))
	for _, x := range exclusions {
		switch {
		case x.Start < at || x.Length < 0:
			return false, false, dataHashMalformed, "what is left out of the hash overlaps, or is not in order"
		case x.Length > size || x.Start > size-x.Length:
			return false, false, dataHashMismatch, fmt.Sprintf("what is left out of the hash lies behind the end of the file, at %d of %d bytes", x.Start, size)
		}
		h.Write(v.file[at:x.Start])
		at = x.Start + x.Length
		if x.Start == int64(v.at.Start) && (x.Length == int64(v.at.Length) || x.Length == int64(v.at.Length-v.filling)) {
			covered = true
		} else {
			others = true
		}
	}
	h.Write(v.file[at:])
	return covered, others, "", ""
}
