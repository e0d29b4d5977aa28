package train

import (
	"math"
	"strings"
	"testing"
)

const minimal = `
name: tiny
data: {kind: shapes, size: 16, count: 64}
model: {family: vae, latent: 4}
train: {batch: 8, steps: 10}
`

func parsed(t *testing.T, text string) (Config, error) {
	t.Helper()
	c, err := ParseConfig([]byte(text))
	if err == nil {
		err = c.Check()
	}
	return c, err
}

func TestDefaultsAreFilledIn(t *testing.T) {
	c, err := parsed(t, minimal)
	if err != nil {
		t.Fatal(err)
	}
	if c.Train.Seed != 1 || c.Train.Schedule.Kind != "constant" || c.Keep != 2 || c.Every.Log != 50 || c.Data.Size != 16 {
		t.Errorf("%+v", c)
	}
	if c.Out != "runs/tiny" {
		t.Errorf("out is %q", c.Out)
	}
}

func TestMistakesAreOneLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":         {"train:\n  rat: 3\n", `line 2: unknown key "rat"; did you mean "rate"?`},
		"unknown section":     {"name: a\nmodle: {}\n", `line 2: unknown key "modle"; did you mean "model"?`},
		"unknown data key":    {"data: {kind: shapes,\n  sice: 3}\n", `line 2: unknown key "sice"; did you mean "size"?`},
		"wrong type":          {"train: {batch: many}\n", `line 1: "many" does not fit: want a whole number`},
		"fraction":            {"train: {batch: 1.5}\n", "line 1"},
		"not a mapping":       {"model: vae\n", "line 1: want keys and values"},
		"twice":               {"name: a\nname: b\n", "line 2"},
		"syntax":              {"a: [1,\nb: 3", "line"},
		"two documents":       {minimal + "---\nname: x\n", "second"},
		"empty":               {"", "the file is empty"},
		"no length":           {"name: a\ndata: {kind: shapes}\n", "train.steps: say how long"},
		"length twice":        {strings.Replace(minimal, "steps: 10", "steps: 10, epochs: 2", 1), "only one of"},
		"no batch":            {strings.Replace(minimal, "batch: 8", "batch: 0", 1), "train.batch"},
		"negative rate":       {strings.Replace(minimal, "steps: 10", "steps: 10, rate: -1", 1), "train.rate"},
		"no number":           {strings.Replace(minimal, "steps: 10", "steps: 10, rate: .nan", 1), "train.rate"},
		"schedule":            {strings.Replace(minimal, "steps: 10", "steps: 10, schedule: {kind: cosin}", 1), "train.schedule.kind"},
		"final":               {strings.Replace(minimal, "steps: 10", "steps: 10, schedule: {final: 2}", 1), "train.schedule.final"},
		"warmup":              {strings.Replace(minimal, "steps: 10", "steps: 10, schedule: {warmup: -2}", 1), "train.schedule.warmup"},
		"name is a path":      {strings.Replace(minimal, "tiny", "../tiny", 1), "name"},
		"test split":          {strings.Replace(minimal, "count: 64", "split: test", 1), "data.split"},
		"keep":                {minimal + "keep: 0\n", "keep"},
		"every":               {minimal + "every: {log: -1}\n", "every"},
		"guard":               {minimal + "guard: {factor: 0.5}\n", "guard"},
		"guard window":        {minimal + "guard: {steps: 300}\n", "guard"},
		"threads":             {strings.Replace(minimal, "steps: 10", "steps: 10, threads: -1", 1), "train.threads"},
		"precision":           {strings.Replace(minimal, "steps: 10", "steps: 10, precision: half", 1), `"half": want float32 or bfloat16`},
		"fresh without from":  {strings.Replace(minimal, "steps: 10", "steps: 10, fresh: [a]", 1), "train.fresh"},
		"evenness of nothing": {strings.Replace(minimal, "count: 64", "count: 64, evenness: 0.5", 1), "data.evenness"},
		"evenness":            {strings.Replace(minimal, "count: 64", "count: 64, balance: class, evenness: 2", 1), "data.evenness"},
		"kind":                {strings.Replace(minimal, "kind: shapes, ", "", 1), "data.kind"},
		"infinite epochs":     {strings.Replace(minimal, "steps: 10", "epochs: .inf", 1), "train.steps"},
		"negative steps":      {strings.Replace(minimal, "steps: 10", "steps: -1", 1), "train.steps"},
		"list of fractions":   {"model: {family: a}\ntrain:\n  batch: 1.5\n", "line 3"},
		"list at the top":     {"- a\n- b\n", "line 1"},
		"text where mappings": {"train: fast\n", "line 1"},
	} {
		_, err := parsed(t, c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", name, err, c.want)
		}
	}
}

func TestSectionIsStrict(t *testing.T) {
	type keys struct {
		Latent int     `json:"latent"`
		Beta   float64 `json:"beta"`
	}
	c, err := parsed(t, minimal)
	if err != nil {
		t.Fatal(err)
	}
	k := keys{Beta: 1}
	if err := c.Model.Decode("family", &k); err != nil || k != (keys{4, 1}) {
		t.Errorf("%+v, %v", k, err)
	}
	if name, err := c.Model.Name("family"); name != "vae" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
	c, err = parsed(t, strings.Replace(minimal, "latent", "latnt", 1))
	if err != nil {
		t.Fatal(err)
	}
	err = c.Model.Decode("family", &k)
	if err == nil || err.Error() != `line 4: unknown key "latnt"; did you mean "latent"?` {
		t.Error(err)
	}
}

func TestPrintedConfigReadsBack(t *testing.T) {
	c, err := parsed(t, minimal)
	if err != nil {
		t.Fatal(err)
	}
	c.Model, err = NewSection("family", "vae", struct {
		Latent int   `json:"latent"`
		Widths []int `json:"widths"`
	}{4, []int{8, 16}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := parsed(t, string(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	second, err := again.YAML()
	if err != nil || string(second) != string(text) {
		t.Errorf("%v\n%s\nbecame\n%s", err, text, second)
	}
	for _, want := range []string{"family: vae", "latent: 4", "kind: shapes", "warmup: 0", "keep: 2"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestIterations(t *testing.T) {
	for _, c := range []struct {
		plan Plan
		want int
	}{
		{Plan{Batch: 10, Steps: 7}, 7}, {Plan{Batch: 10, Epochs: 2}, 20}, {Plan{Batch: 30, Epochs: 1}, 4},
		{Plan{Batch: 10, Epochs: .01}, 1}, {Plan{Batch: 10, Images: 21}, 3},
	} {
		if got := c.plan.Iterations(100); got != c.want {
			t.Errorf("%+v: %d iterations, want %d", c.plan, got, c.want)
		}
	}
}

func TestRate(t *testing.T) {
	p := Plan{Rate: 2, Schedule: Schedule{Kind: "constant", Warmup: 4}}
	for i, want := range []float64{.5, 1, 1.5, 2, 2, 2} {
		if got := p.rate(i, 10); math.Abs(got-want) > 1e-12 {
			t.Errorf("rate %v at %d, want %v", got, i, want)
		}
	}
	p.Schedule = Schedule{Kind: "cosine", Final: .25}
	if got := p.rate(9, 10); got != .5 {
		t.Errorf("the last rate is %v", got)
	}
	p.Schedule = Schedule{Kind: "linear"}
	if got := p.rate(4, 10); got != 1 {
		t.Errorf("half way the rate is %v", got)
	}
}
