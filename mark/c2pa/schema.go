package c2pa

import "time"

// The maps of the specification's CDDL, as far as they are written or read.

// claimMap is claim-map-v2 (C2PA 2.4, section 10.2.3), and the assertions of
// claim-map, its forerunner.
type claimMap struct {
	Alg        string        `cbor:"alg,omitempty"`
	InstanceID string        `cbor:"instanceID"`
	Info       generatorInfo `cbor:"claim_generator_info"`
	Signature  string        `cbor:"signature"`
	Created    []hashedURI   `cbor:"created_assertions"`
	Gathered   []hashedURI   `cbor:"gathered_assertions,omitempty"`
	Title      string        `cbor:"dc:title,omitempty"`
	Redacted   []string      `cbor:"redacted_assertions,omitempty"`
}

// claimMapV1 is the part of claim-map that differs.
type claimMapV1 struct {
	Generator  string      `cbor:"claim_generator"`
	Assertions []hashedURI `cbor:"assertions"`
}

type generatorInfo struct {
	Name    string `cbor:"name"`
	Version string `cbor:"version,omitempty"`
}

// actionsMap is actions-map-v2 (section 18.15.12).
type actionsMap struct {
	Actions []actionMap `cbor:"actions"`
}

type actionMap struct {
	Action      string            `cbor:"action"`
	Agent       *generatorInfo    `cbor:"softwareAgent,omitempty"`
	Source      string            `cbor:"digitalSourceType,omitempty"`
	Description string            `cbor:"description,omitempty"`
	When        time.Time         `cbor:"when,omitzero"`
	Parameters  *actionParameters `cbor:"parameters,omitempty"`
}

type actionParameters struct {
	Ingredients []hashedURI `cbor:"ingredients,omitempty"`
}

// disclosureMap is ai-model-disclosure-map (section 18.28.4).
type disclosureMap struct {
	Type       string          `cbor:"modelType"`
	Name       string          `cbor:"modelName,omitempty"`
	Identifier string          `cbor:"modelIdentifier,omitempty"`
	Profile    *contentProfile `cbor:"contentProfile,omitempty"`
}

type contentProfile struct {
	Oversight string `cbor:"humanOversightLevel,omitempty"`
}

// ingredientMap is ingredient-map-v3 (section 18.16.6). C2PAManifest is what
// versions 1 and 2 have for ActiveManifest.
type ingredientMap struct {
	Title          string             `cbor:"dc:title,omitempty"`
	Format         string             `cbor:"dc:format,omitempty"`
	Relation       string             `cbor:"relationship"`
	Results        *validationResults `cbor:"validationResults,omitempty"`
	InstanceID     string             `cbor:"instanceID,omitempty"`
	Types          []assetType        `cbor:"dataTypes,omitempty"`
	ActiveManifest *hashedURI         `cbor:"activeManifest,omitempty"`
	C2PAManifest   *hashedURI         `cbor:"c2pa_manifest,omitempty"`
	ClaimSignature *hashedURI         `cbor:"claimSignature,omitempty"`
	Description    string             `cbor:"description,omitempty"`
	Source         string             `cbor:"digitalSourceType,omitempty"`
}

type assetType struct {
	Type string `cbor:"type"`
}

// validationResults is validation-results-map (section 15.2.1).
type validationResults struct {
	Active      *statusCodes      `cbor:"activeManifest,omitempty"`
	Deltas      []ingredientDelta `cbor:"ingredientDeltas,omitempty"`
	SpecVersion string            `cbor:"specVersion,omitempty"`
}

type ingredientDelta struct {
	URI    string      `cbor:"ingredientAssertionURI"`
	Deltas statusCodes `cbor:"validationDeltas"`
}

type statusCodes struct {
	Success       []statusMap `cbor:"success"`
	Informational []statusMap `cbor:"informational"`
	Failure       []statusMap `cbor:"failure"`
}

type statusMap struct {
	Code        string `cbor:"code"`
	URL         string `cbor:"url,omitempty"`
	Explanation string `cbor:"explanation,omitempty"`
}

// dataHashMap is data-hash-map (section 18.5.2).
type dataHashMap struct {
	Exclusions []exclusion `cbor:"exclusions,omitempty"`
	Alg        string      `cbor:"alg,omitempty"`
	Hash       []byte      `cbor:"hash"`
	Pad        []byte      `cbor:"pad"`
	Name       string      `cbor:"name,omitempty"`
}

// exclusion has the type of what is written and, so that negative numbers can
// be told from others, signed fields.
type exclusion struct {
	Start  int64 `cbor:"start"`
	Length int64 `cbor:"length"`
}
