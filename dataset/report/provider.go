// Package report renders what the law asks to be published about a frozen data
// set, from the set and the ledger that it was frozen by: the public summary of
// training content of the EU AI Act and the documentation of California's
// AB 2013, as HTML for people and JSON for tools.
//
// What the ledger knows is filled in; what only the provider knows is read from
// a YAML file; what neither knows is listed as missing and never made up.
package report

import (
	"fmt"
	"os"

	"github.com/limner-ai/limner/internal/strict"
)

// Provider is what only the one who places a model on the market can say.
type Provider struct {
	Name           string   `yaml:"name" json:"name,omitempty"`
	Contact        string   `yaml:"contact" json:"contact,omitempty"` // address, e-mail
	Representative string   `yaml:"representative" json:"representative,omitempty"`
	Models         []string `yaml:"models" json:"models,omitempty"`         // with versions
	DependsOn      []string `yaml:"depends_on" json:"depends_on,omitempty"` // models that they continue
	Placed         string   `yaml:"placed" json:"placed,omitempty"`         // day of placing on the market
	Purpose        string   `yaml:"purpose" json:"purpose,omitempty"`       // what the models are for
	FirstUsed      string   `yaml:"first_used" json:"first_used,omitempty"` // day on which the set was first used
	Content        string   `yaml:"content" json:"content,omitempty"`       // types of content, in words
	PersonalData   string   `yaml:"personal_data" json:"personal_data,omitempty"`
	ConsumerData   string   `yaml:"consumer_data" json:"consumer_data,omitempty"`
	IllegalContent string   `yaml:"illegal_content" json:"illegal_content,omitempty"` // what is done against it
	Complaints     string   `yaml:"complaints" json:"complaints,omitempty"`           // where claims are received
	Ongoing        string   `yaml:"ongoing" json:"ongoing,omitempty"`                 // whether data is still collected
	SME            bool     `yaml:"sme" json:"sme,omitempty"`                         // small or medium-sized
}

// maxProvider bounds the file in bytes.
const maxProvider = 1 << 20

// ReadProvider reads the provider's file.
func ReadProvider(path string) (Provider, error) {
	var p Provider
	st, err := os.Stat(path)
	if err != nil {
		return p, err
	}
	if st.Size() > maxProvider {
		return p, fmt.Errorf("%s has %d bytes, at most %d are read", path, st.Size(), maxProvider)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return p, err
	}
	if err := strict.YAML(text, &p); err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}
