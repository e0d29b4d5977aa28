package c2pa

// Kind says how a status is to be taken (C2PA 2.4, section 15.2.2).
type Kind string

// The kinds.
const (
	Success       Kind = "success"
	Informational Kind = "informational"
	Failure       Kind = "failure"
)

// Status is a finding, by the specification's code.
type Status struct {
	Kind        Kind   `json:"kind"`
	Code        string `json:"code"`
	URL         string `json:"url,omitempty"` // of the box that it is about
	Explanation string `json:"explanation,omitempty"`
}

// Codes of success.
const (
	assertionMatch      = "assertion.hashedURI.match"
	dataHashMatch       = "assertion.dataHash.match"
	signatureValidated  = "claimSignature.validated"
	signatureInside     = "claimSignature.insideValidity"
	credentialTrusted   = "signingCredential.trusted"
	ingredientValidated = "ingredient.manifest.validated"
	ingredientSignature = "ingredient.claimSignature.validated"
)

// Codes that inform.
const (
	additionalExclusions = "assertion.dataHash.additionalExclusionsPresent"
	unknownProvenance    = "ingredient.unknownProvenance"
	timeStampUntrusted   = "timeStamp.untrusted"
	ocspSkipped          = "signingCredential.ocsp.skipped"
)

// Codes of failure.
const (
	algorithmUnsupported  = "algorithm.unsupported"
	actionIngredient      = "assertion.action.ingredientMismatch"
	actionMalformed       = "assertion.action.malformed"
	actionRedacted        = "assertion.action.redacted"
	cborInvalid           = "assertion.cbor.invalid"
	jsonInvalid           = "assertion.json.invalid"
	dataHashMalformed     = "assertion.dataHash.malformed"
	dataHashMismatch      = "assertion.dataHash.mismatch"
	assertionMismatch     = "assertion.hashedURI.mismatch"
	ingredientMalformed   = "assertion.ingredient.malformed"
	assertionMissing      = "assertion.missing"
	multipleBindings      = "assertion.multipleHardBindings"
	outsideManifest       = "assertion.outsideManifest"
	selfRedacted          = "assertion.selfRedacted"
	undeclared            = "assertion.undeclared"
	claimCBOR             = "claim.cbor.invalid"
	bindingsMissing       = "claim.hardBindings.missing"
	claimMalformed        = "claim.malformed"
	claimMissing          = "claim.missing"
	claimMultiple         = "claim.multiple"
	signatureMissing      = "claimSignature.missing"
	signatureMismatch     = "claimSignature.mismatch"
	signatureOutside      = "claimSignature.outsideValidity"
	generalError          = "general.error"
	ingredientSigMissing  = "ingredient.claimSignature.missing"
	ingredientSigMismatch = "ingredient.claimSignature.mismatch"
	ingredientMissing     = "ingredient.manifest.missing"
	ingredientMismatch    = "ingredient.manifest.mismatch"
	compressedInvalid     = "manifest.compressed.invalid"
	multipleParents       = "manifest.multipleParents"
	credentialInvalid     = "signingCredential.invalid"
	credentialUntrusted   = "signingCredential.untrusted"
)

func (r *Record) add(k Kind, code, url, explanation string) {
	r.Statuses = append(r.Statuses, Status{k, code, url, explanation})
}

func (r *Record) succeed(code, url string)      { r.add(Success, code, url, "") }
func (r *Record) fail(code, url, why string)    { r.add(Failure, code, url, why) }
func (r *Record) inform(code, url, note string) { r.add(Informational, code, url, note) }

// settle derives the state of a manifest from what was found.
func (r *Record) settle() {
	r.State = Trusted
	for _, s := range r.Statuses {
		switch {
		case s.Kind != Failure:
		case s.Code == credentialUntrusted && r.State == Trusted:
			r.State = Valid
		case s.Code != credentialUntrusted:
			r.State = Invalid
		}
	}
}
