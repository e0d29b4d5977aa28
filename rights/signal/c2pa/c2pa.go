// Package c2pa reads training and data mining assertions from a C2PA manifest
// store: cawg.training-mining of the Creator Assertions Working Group, and
// c2pa.training-mining, which was the same in C2PA before version 2.
//
// It reads only. Neither signatures nor hashes are checked, so an assertion
// may have been put there by anyone; whoever relies on one that permits must
// validate the manifest with other means.
package c2pa

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"
	"github.com/limner-ai/limner/rights/signal"
)

// MaxSize is the greatest length of a manifest store in bytes.
const MaxSize = 64 << 20

// Versions of the assertion.
const (
	VersionCAWG = "CAWG Training and Data Mining Assertion 1.1"
	VersionC2PA = "C2PA 1.4 training and data mining"
)

const maxAssertion = 1 << 20

var decoding = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		MaxNestedLevels:  16,
		MaxArrayElements: 1024,
		MaxMapPairs:      1024,
	}.DecMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return mode
}()

// entry is a training-mining-entry.
type entry struct {
	Use  string `cbor:"use" json:"use"`
	Info string `cbor:"constraint_info" json:"constraint_info"`
}

// usages are the pre-defined entries, after "cawg." or "c2pa.". Training that
// is not generative has an entry of its own in the assertion.
var usages = map[string]signal.Usage{
	"data_mining":            signal.Mine,
	"ai_inference":           signal.Input,
	"ai_generative_training": signal.TrainGenerative,
	"ai_training":            signal.TrainOther,
}

// Read reads a store that was found at where. All manifests count: the last
// one is about the file itself, the others about what went into it, which may
// reserve but not permit. A store that cannot be read is a defect. Boxes that
// are no manifest store say nothing.
func Read(store []byte, where string) []signal.Signal {
	if len(store) > MaxSize {
		return []signal.Signal{Unreadable(where, fmt.Sprintf("the manifest store is longer than %d bytes", MaxSize))}
	}
	r := boxReader{store: store}
	top, err := r.boxes(0, len(store), 0)
	if err != nil {
		return []signal.Signal{Unreadable(where, err.Error())}
	}
	if len(top) == 0 {
		return []signal.Signal{Unreadable(where, "the manifest store is empty")}
	}
	var signals []signal.Signal
	for _, b := range top {
		if b.kind != "jumb" || b.label != "c2pa" {
			continue // JUMBF for another purpose
		}
		var manifests []box
		for _, m := range b.children {
			if m.kind == "jumb" {
				manifests = append(manifests, m)
			}
		}
		for i, m := range manifests {
			got := manifest(m, where)
			if i < len(manifests)-1 {
				got = signal.Restrict(got, "said about something that went into this file")
			}
			signals = append(signals, got...)
		}
	}
	return signals
}

// Unreadable is the signal of a store that cannot be read.
func Unreadable(where, reason string) signal.Signal {
	return signal.Signal{Protocol: signal.CAWG, Version: VersionCAWG, Usage: signal.Mining,
		Where: where, Defect: signal.Cut(reason)}
}

// manifest finds assertions among the superboxes of a manifest.
func manifest(m box, where string) []signal.Signal {
	where += " manifest " + signal.Cut(m.label)
	var signals []signal.Signal
	for _, part := range m.children {
		if part.kind == "brob" {
			signals = append(signals, Unreadable(where, "the manifest is compressed, which is not supported"))
		}
		if part.kind != "jumb" || part.label != "c2pa.assertions" {
			continue
		}
		for _, a := range part.children {
			// Further instances of a label have a suffix: "__1".
			name, _, _ := strings.Cut(a.label, "__")
			switch name {
			case "cawg.training-mining":
				signals = append(signals, assertion(a, "cawg.", where)...)
			case "c2pa.training-mining":
				signals = append(signals, assertion(a, "c2pa.", where)...)
			}
		}
	}
	return signals
}

// assertion reads one assertion box.
func assertion(a box, prefix, where string) []signal.Signal {
	base := Unreadable(where+" "+signal.Cut(a.label), "")
	if prefix == "c2pa." {
		base.Protocol, base.Version = signal.C2PA, VersionC2PA
	}
	entries, err := decode(a)
	if err != nil {
		base.Defect = signal.Cut(err.Error())
		return []signal.Signal{base}
	}
	var signals []signal.Signal
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		name := strings.TrimPrefix(strings.TrimPrefix(key, "cawg."), "c2pa.")
		usage, known := usages[name]
		if !known || name == key {
			continue
		}
		s, e := base, entries[key]
		s.Usage, s.Raw = usage, signal.Cut(key+": "+e.Use)
		switch e.Use {
		case "allowed":
			s.Value, s.Note = signal.Allow, "signature not checked"
		case "notAllowed":
			s.Value = signal.Deny
		case "constrained":
			s.Value, s.Note = signal.Deny, "constrained, which counts as not allowed"
			if e.Info != "" {
				s.Note += ": " + signal.Cut(e.Info)
			}
		default:
			s.Defect = "use is neither allowed, notAllowed nor constrained"
		}
		signals = append(signals, s)
	}
	return signals
}

// decode reads the entries of an assertion box, of which exactly one must be
// CBOR or JSON.
func decode(a box) (map[string]entry, error) {
	var content struct {
		Entries map[string]entry `cbor:"entries" json:"entries"`
	}
	var data []byte
	unmarshal := json.Unmarshal
	found := 0
	for _, b := range a.children {
		switch b.kind {
		case "cbor":
			data, unmarshal, found = b.data, decoding.Unmarshal, found+1
		case "json":
			data, found = b.data, found+1
		}
	}
	switch {
	case found != 1:
		return nil, fmt.Errorf("the assertion has %d content boxes; want one", found)
	case len(data) > maxAssertion:
		return nil, fmt.Errorf("the assertion is longer than %d bytes", maxAssertion)
	}
	if err := unmarshal(data, &content); err != nil {
		return nil, fmt.Errorf("the assertion cannot be decoded: %w", err)
	}
	if content.Entries == nil {
		return nil, errors.New("the assertion has no entries")
	}
	return content.Entries, nil
}
