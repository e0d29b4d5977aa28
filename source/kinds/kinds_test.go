package kinds

import (
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for _, k := range All() {
		got, err := Find(k.Name)
		if err != nil || got.Name != k.Name || got.Open == nil || got.Summary == "" {
			t.Errorf("%q: %+v, %v", k.Name, got, err)
		}
	}
	if _, err := Find("foldr"); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a name that is near to folder: %v", err)
	}
}
