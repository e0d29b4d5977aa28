module github.com/limner-ai/limner/engine/kernel/_asm

go 1.26.0
