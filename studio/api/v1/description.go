package v1

import (
	_ "embed"
	"fmt"

	"github.com/goccy/go-yaml"
)

//go:embed openapi.yaml
var descriptionYAML []byte

// description is openapi.yaml as JSON.
func description() ([]byte, error) {
	text, err := yaml.YAMLToJSON(descriptionYAML)
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	return text, nil
}
