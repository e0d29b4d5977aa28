package server_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// npmFolder is where .ci/run puts packages of npm.
const npmFolder = "../../dist/npm"

// The official client of OpenAI's, unchanged but for the address.
func TestOpenAIClient(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node: the official client of OpenAI's was not run")
	}
	packages, err := filepath.Abs(filepath.Join(npmFolder, "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(packages, "openai", "package.json")); err != nil {
		t.Skip("there is no dist/npm/node_modules/openai, which .ci/run installs: the official client of OpenAI's was not run")
	}
	r := start(t, options(t.TempDir()))
	script(t, r, node, "testdata/openai.mjs", "LIMNER_NPM="+packages)
}

// A client of AUTOMATIC1111's API as people write them: plain requests.
func TestA1111Client(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3: the client of AUTOMATIC1111's API was not run")
	}
	r := start(t, options(t.TempDir()))
	script(t, r, python, "testdata/a1111.py")
}

func script(t *testing.T, r *running, program, path string, env ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, path, r.url)
	c.Env = append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), "all is well") {
		t.Errorf("%s: %v\n%s", path, err, out)
	}
}
