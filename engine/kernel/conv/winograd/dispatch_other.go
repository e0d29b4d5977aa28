//go:build !amd64

package winograd

const assembly = false

func (k Kernel) input(a *Args)      { k.inputGeneric(a) }
func (k Kernel) filter(a *Args)     { k.filterGeneric(a) }
func (k Kernel) grad(a *Args)       { k.gradGeneric(a) }
func (k Kernel) output(a *Args)     { k.outputGeneric(a) }
func (k Kernel) filterGrad(a *Args) { k.filterGradGeneric(a) }
