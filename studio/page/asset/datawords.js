// What outcomes and codes of reasons are called.
import { h } from './dom.js';

export const outcomes = { allow: 'Allowed', quarantine: 'To be looked at', deny: 'Denied' };

const codes = {
  CLAIM_UPHELD: 'a claim was upheld', CLAIM_HELD: 'a claim is open', NEAR_CLAIMED: 'looks like a claimed picture', ERASED: 'its bytes were erased',
  NOT_RECORDED: 'no source is recorded', UNKNOWN_ACCESS: 'how it was acquired is not known', UNLAWFUL_ACCESS: 'not acquired lawfully', UNKNOWN_PURPOSE: 'the policy has no such purpose',
  AGREEMENT_ENDED: 'the agreement is over', AGREEMENT_NARROW: 'the agreement is for something else', RESERVED: 'a signal refuses training', SIGNAL_UNREADABLE: 'a signal cannot be read',
  NO_PROOF: 'nothing permits it', TRAINING_REFUSED: 'training is refused', NON_COMMERCIAL: 'for non-commercial use alone', NO_DERIVATIVES: 'no derivatives', LICENCE_CONFLICT: 'licences contradict each other',
  SHARE_ALIKE: 'share-alike', PUBLISHING: 'models may not be published freely', LICENCE_UNCLEAR: 'the licence is unclear', PUBLIC_DOMAIN_CLAIM: 'said to be public domain', STATEMENT_DOUBT: 'the statement may be about something else',
  OTHER_HOLDER: 'others hold rights', RIGHTS_RESERVED: 'rights are reserved in words', TRADEMARK: 'a trademark', DATABASE_EXTRACTION: 'too much of a collection was taken', STALE_EVIDENCE: 'the evidence is old',
  WATERMARK: 'a watermark', PERSON: 'a person', LICENSED: 'licensed', AGREED: 'agreed', OWN: 'one\u2019s own', EXCEPTION: 'a statutory exception',
};

export const reason = (code) => codes[code] ?? code.toLowerCase().replaceAll('_', ' ');
export const verdict = (outcome, words) => h('span', { class: `verdict ${outcome}` }, words ?? outcomes[outcome] ?? outcome);

// share is a bar of outcomes, for eyes; the numbers stand beside it.
export function share(counts) {
  const bar = h('div', { class: 'share', 'aria-hidden': 'true' });
  for (const outcome of Object.keys(outcomes)) {
    if (!counts[outcome]) continue;
    const part = h('i', { class: outcome });
    part.style.flexGrow = counts[outcome];
    bar.append(part);
  }
  return bar;
}

// rules names the rules that were decided by; the digest in it is shortened.
export const rules = (ruleset) => ruleset.replace(/([0-9a-f]{10})[0-9a-f]{54}/g, '$1…');

export const many = (n, one, more = one + 's') => `${n.toLocaleString()} ${n === 1 ? one : more}`;

export function size(bytes) {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  while (bytes >= 1000 && at < units.length - 1) { bytes /= 1000; at++; }
  return `${bytes.toLocaleString(undefined, { maximumFractionDigits: at ? 1 : 0 })} ${units[at]}`;
}
