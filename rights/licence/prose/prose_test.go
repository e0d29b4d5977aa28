package prose

import (
	"slices"
	"strings"
	"testing"
)

func kinds(text string) []Kind {
	var out []Kind
	for _, r := range Read(text) {
		if !slices.Contains(out, r.Kind) {
			out = append(out, r.Kind)
		}
	}
	slices.Sort(out)
	return out
}

func TestRead(t *testing.T) {
	for text, want := range map[string][]Kind{
		// As packages write it.
		"* Apple images, Copyright © Apple Inc., are not licensed for commercial usage.": {NonCommercial},
		"The Minecraft item icons are owned by Mojang Studios.":                          {OtherHolder},
		"The data does not belong to me.":                                                {OtherHolder},
		"Facebook images, © Facebook, Inc., have no clear licensing.":                    {Unclear},
		"All brand icons are trademarks of their respective owners.":                     {OtherHolder, Trademark},
		"© 2019 Jane Doe. All rights reserved.":                                          {Reserved},
		"Free for personal use only":                                                     {NonCommercial},
		"For educational or research purposes only.":                                     {NonCommercial},
		"Free for **non‑commercial** projects":                                           {NonCommercial},
		"You may not sell these icons.":                                                  {NonCommercial},
		"Not for\ncommercial\nuse":                                                       {NonCommercial},
		"Commercial use requires a license.":                                             {NonCommercial},
		"Nicht-kommerzielle Nutzung ist frei. Alle Rechte vorbehalten.":                  {NonCommercial, Reserved},
		"You may not use these images to train AI models.":                               {NoTraining, Reserved},
		"AI training is prohibited.":                                                     {NoTraining},
		"Text and data mining is expressly reserved.":                                    {NoTraining},
		"No machine learning.":                                                           {NoTraining},
		"Please do not modify the logo.":                                                 {NoDerivatives},
		"May not be reproduced without written permission.":                              {Reserved},
		// What permits, or says nothing, is passed over.
		"":                                     nil,
		"Free for personal and commercial use": nil,
		"This project is [MIT](./LICENSE) licensed.":                            nil,
		"Copyright © 2023 LobeHub.":                                             nil,
		"Redistribution and use with or without modification are permitted.":    nil,
		"You can use this for anything, not only commercial projects.":          nil,
		"Twitter images are available under the Creative Commons licence.":      nil,
		"A neural network was trained on them.":                                 nil,
		"The emoji are in the public domain; do whatever you like with them.":   nil,
		"# Contributing\n\nRun the tests before you open a request. It's quick": nil,
	} {
		if got := kinds(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestWordsAreQuoted(t *testing.T) {
	got := Read("## License\n\nThe code is MIT.\nThe item icons are\n  owned by Mojang\u00a0Studios. Have fun!\n")
	if len(got) != 1 || got[0].Words != "The item icons are owned by Mojang Studios." {
		t.Errorf("%q", got)
	}
	if got := Read(strings.Repeat("word ", 1000) + "all rights reserved"); len(got) != 1 || len(got[0].Words) > maxSentence+3 {
		t.Errorf("%q", got)
	}
}

// More text never takes a restriction away.
func FuzzRead(f *testing.F) {
	f.Add("All rights reserved.", "Free for all")
	f.Add("Not for commercial", "use")
	f.Add("owned by X", "\n- y")
	f.Add("nicht", "kommerziell\xff")
	f.Fuzz(func(t *testing.T, a, b string) {
		alone, both := Read(a), Read(a+"\n\n"+b)
		for _, r := range alone {
			if !slices.Contains(both, r) {
				t.Errorf("%q is lost when %q follows", r, b)
			}
			if r.Words == "" {
				t.Error("no words")
			}
		}
	})
}
