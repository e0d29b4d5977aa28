package generate

import (
	"context"
	"errors"
	"strings"

	"github.com/limner-ai/limner/engine/tensor"
)

// MakeEach does what q asks for once for every prompt, which takes the place
// of q's own: picture i of a prompt is the one that it would be alone. Prompts
// lie on lines of their own where each has several pictures. tell, if not nil,
// is told how many prompts are done.
func (g *Generator) MakeEach(ctx context.Context, q Request, prompts []string, tell func(done, of int)) (*Pictures, error) {
	if len(prompts) == 0 {
		return nil, errors.New("there is no prompt")
	}
	all := &Pictures{}
	var data []float32
	var shape tensor.Shape
	for i, prompt := range prompts {
		q.Prompt = prompt
		p, err := g.Make(ctx, q)
		if err != nil {
			return nil, err
		}
		data, shape = append(data, p.Images.Data...), p.Images.Shape
		all.Items, all.Request = append(all.Items, p.Items...), p.Request
		if len(p.Items) > 1 {
			all.Columns, all.Labels = len(p.Items), append(all.Labels, brief(prompt))
		}
		if tell != nil {
			tell(i+1, len(prompts))
		}
	}
	all.Images = tensor.From(data, append(tensor.S(len(all.Items)), shape[1:]...)...)
	if len(prompts) > 1 {
		all.Request.Prompt = "" // there is not one
		for i := range all.Items {
			all.Items[i].Number = i + 1
		}
		if all.Columns == 0 {
			all.Columns = min(8, len(prompts))
		}
	}
	return all, nil
}

// longest is how many characters of a prompt are shown beside its pictures.
const longest = 40

func brief(prompt string) string {
	letters := []rune(printable(prompt))
	if len(letters) > longest {
		return strings.TrimSpace(string(letters[:longest-1])) + "…"
	}
	return string(letters)
}
