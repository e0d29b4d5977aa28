package usage

// schema is the store's tables. Events are only ever added, or removed with all
// that is known of their user; a consent changes once, when it is withdrawn.
const schema = `
CREATE TABLE terms (
	id       BLOB PRIMARY KEY,
	words    TEXT NOT NULL,
	purposes TEXT NOT NULL -- JSON
) WITHOUT ROWID;

CREATE TABLE consent (
	id        INTEGER PRIMARY KEY,
	user      TEXT NOT NULL,
	terms     BLOB NOT NULL REFERENCES terms (id),
	given     TEXT NOT NULL,
	withdrawn TEXT
);
CREATE INDEX consent_user ON consent (user);
CREATE UNIQUE INDEX consent_current ON consent (user) WHERE withdrawn IS NULL;
CREATE TRIGGER consent_changes BEFORE UPDATE ON consent
WHEN OLD.withdrawn IS NOT NULL OR NEW.withdrawn IS NULL OR
	NEW.id <> OLD.id OR NEW.user <> OLD.user OR NEW.terms <> OLD.terms OR NEW.given <> OLD.given
BEGIN SELECT raise(ABORT, 'a consent can only be withdrawn'); END;

CREATE TABLE picture (
	id      BLOB PRIMARY KEY, -- SHA-256 of the file
	prompt  TEXT NOT NULL,
	seed    INTEGER NOT NULL,
	model   TEXT NOT NULL,
	weights BLOB NOT NULL,
	root    TEXT NOT NULL,
	kept    INTEGER NOT NULL DEFAULT 0 -- whether its bytes are in the folder
) WITHOUT ROWID;
CREATE INDEX picture_prompt ON picture (prompt, id);

CREATE TABLE event (
	seq     INTEGER PRIMARY KEY AUTOINCREMENT,
	consent INTEGER NOT NULL REFERENCES consent (id),
	action  TEXT NOT NULL,
	picture BLOB NOT NULL REFERENCES picture (id),
	result  BLOB,
	time    TEXT NOT NULL
);
CREATE INDEX event_consent ON event (consent);
CREATE INDEX event_picture ON event (picture);
CREATE TRIGGER event_changes BEFORE UPDATE ON event
BEGIN SELECT raise(ABORT, 'events do not change'); END;

-- What was erased, without whose it was; and files that are still to be removed.
CREATE TABLE erasure (day TEXT NOT NULL, events INTEGER NOT NULL, pictures INTEGER NOT NULL);
CREATE TABLE doomed (picture BLOB PRIMARY KEY) WITHOUT ROWID;
`

const (
	sqlTerms   = `INSERT INTO terms (id, words, purposes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
	sqlConsent = `INSERT INTO consent (user, terms, given) VALUES (?, ?, ?)`
	sqlCurrent = `SELECT id, terms, given FROM consent WHERE user = ? AND withdrawn IS NULL`
	sqlEnd     = `UPDATE consent SET withdrawn = ? WHERE user = ? AND withdrawn IS NULL`

	sqlPicture = `INSERT INTO picture (id, prompt, seed, model, weights, root) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	sqlSame    = `SELECT prompt = ? AND seed = ? AND model = ? AND weights = ? AND root = ? FROM picture WHERE id = ?`
	sqlKeep    = `UPDATE picture SET kept = 1 WHERE id = ?`
	sqlSpare   = `DELETE FROM doomed WHERE picture = ?`
	sqlEvent   = `INSERT INTO event (consent, action, picture, result, time) VALUES (?, ?, ?, ?, ?)`

	sqlForgetEvents   = `DELETE FROM event WHERE consent IN (SELECT id FROM consent WHERE user = ?)`
	sqlForgetConsents = `DELETE FROM consent WHERE user = ?`
	sqlOrphans        = `SELECT id FROM picture WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.picture = picture.id) ORDER BY id`
	sqlDoom           = `INSERT INTO doomed (picture) VALUES (?) ON CONFLICT DO NOTHING`
	sqlForgetPicture  = `DELETE FROM picture WHERE id = ?`
	sqlErasure        = `INSERT INTO erasure (day, events, pictures) VALUES (?, ?, ?)`

	// Of each user who has a live consent to the terms, the last word on a
	// picture and what else was done with it.
	sqlWords = `
SELECT e.picture AS picture,
	max(e.action = 'edited') AS edited, max(e.action = 'skipped') AS skipped, max(e.action = 'downloaded') AS downloaded,
	(SELECT l.action FROM event l JOIN consent d ON d.id = l.consent
		WHERE l.picture = e.picture AND d.user = c.user AND d.withdrawn IS NULL AND d.terms = c.terms AND l.action IN ('kept', 'discarded')
		ORDER BY l.seq DESC LIMIT 1) AS word
FROM event e JOIN consent c ON c.id = e.consent
WHERE c.withdrawn IS NULL AND c.terms = ?1 AND e.picture = p.id
GROUP BY c.user`
	sqlCounts = `
SELECT p.id, p.prompt, p.seed, p.model, p.weights, p.root,
	(SELECT coalesce(sum(word = 'kept'), 0) FROM (` + sqlWords + `)) AS kept,
	(SELECT coalesce(sum(word = 'discarded'), 0) FROM (` + sqlWords + `)) AS discarded,
	(SELECT coalesce(sum(edited), 0) FROM (` + sqlWords + `)),
	(SELECT coalesce(sum(skipped), 0) FROM (` + sqlWords + `)),
	(SELECT coalesce(sum(downloaded), 0) FROM (` + sqlWords + `))
FROM picture p `
	sqlPrompts = `
SELECT DISTINCT prompt FROM picture p WHERE (?2 IS NULL OR prompt > ?2) AND EXISTS (
	SELECT 1 FROM event e JOIN consent c ON c.id = e.consent WHERE e.picture = p.id AND c.withdrawn IS NULL AND c.terms = ?1)
ORDER BY prompt LIMIT 100`
	sqlOfPrompt = `SELECT * FROM (` + sqlCounts + `WHERE p.prompt = ?2 AND EXISTS (
	SELECT 1 FROM event e JOIN consent c ON c.id = e.consent WHERE e.picture = p.id AND c.withdrawn IS NULL AND c.terms = ?1))
ORDER BY kept - discarded DESC, id`
	sqlLiked = `SELECT * FROM (` + sqlCounts + `WHERE p.id > ?2 AND p.kept) WHERE kept > 0 AND kept - discarded >= ?3 ORDER BY id LIMIT 100`
)
