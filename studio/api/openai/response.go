package openai

import (
	"encoding/json"
	"fmt"

	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// response is OpenAI's ImagesResponse.
type response struct {
	Created    int64     `json:"created"`
	Background string    `json:"background,omitempty"`
	Data       []picture `json:"data"`
	Format     string    `json:"output_format,omitempty"`
	Quality    string    `json:"quality,omitempty"`
	Size       string    `json:"size,omitempty"`
	Usage      usage     `json:"usage"`
}

type picture struct {
	B64 string `json:"b64_json,omitempty"`
	URL string `json:"url,omitempty"`
}

type usage struct {
	InputTokens   int      `json:"input_tokens"`
	InputDetails  details  `json:"input_tokens_details"`
	OutputTokens  int      `json:"output_tokens"`
	TotalTokens   int      `json:"total_tokens"`
	OutputDetails *details `json:"output_tokens_details,omitempty"`
}

type details struct {
	Image int `json:"image_tokens"`
	Text  int `json:"text_tokens"`
}

// event is that of a stream: image_generation or image_edit, .partial_image or
// .completed.
type event struct {
	Type         string `json:"type"`
	B64          []byte `json:"b64_json"`
	CreatedAt    int64  `json:"created_at"`
	Size         string `json:"size"`
	Quality      string `json:"quality"`
	Background   string `json:"background"`
	OutputFormat string `json:"output_format"`
	Index        *int   `json:"partial_image_index,omitempty"` // of a partial one
	Usage        *usage `json:"usage,omitempty"`               // of a completed one
}

// sizeOf is the extent of a result, as OpenAI writes it.
func sizeOf(r jobs.Result) string {
	var m paint.Meta
	if err := json.Unmarshal(r.Meta, &m); err != nil || m.Width == 0 {
		return ""
	}
	return fmt.Sprintf("%dx%d", m.Width, m.Height)
}
