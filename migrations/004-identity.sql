-- Who somebody is when the id attribute is missing or shared, findings that concern nobody in the run, what is known of the server.

-- What was found out about the server at the last start, as JSON: traits, vendor, paging. The id attribute stays what it is.
ALTER TABLE _source ADD COLUMN profile TEXT NOT NULL DEFAULT '{}';

-- Whether the person goes by DN: the entry has no id, or shares it with another one. A name that is no DN has no equals sign.
ALTER TABLE _version ADD COLUMN by_dn INTEGER NOT NULL DEFAULT 0;
UPDATE _version SET by_dn = 1 WHERE instr(id, '=') > 0;
CREATE INDEX _version_by_dn ON _version (id) WHERE by_dn = 1;
-- Finds by DN whoever a manager value does not name by it.
CREATE INDEX _version_other_link ON _version (dn) WHERE link IS NOT NULL;

-- Those who were seen with one id at several DNs in a run, and what the server says is at each now. answer: null until asked.
CREATE TABLE _twin (
  run INTEGER NOT NULL,
  id TEXT NOT NULL,
  pid INTEGER NOT NULL,
  answer TEXT CHECK (answer IN ('holds', 'without', 'gone', 'unknown')),
  PRIMARY KEY (run, id, pid)
) STRICT, WITHOUT ROWID;

-- A finding that concerns nobody in the run has pid 0 and vid 0. id: of somebody who is no employee of the run.
ALTER TABLE _finding ADD COLUMN id TEXT;

DROP VIEW findings;
CREATE VIEW findings AS
SELECT f.kind, coalesce(v.id, f.id) AS employee_id, f.detail, first.started_at AS first_seen_at, last.started_at AS last_seen_at
FROM _published AS now
JOIN _finding AS f ON f.run = now.run
LEFT JOIN _version AS v ON v.vid = f.vid
JOIN _run AS last ON last.id = f.run
JOIN _run AS first ON first.id = (
  SELECT min(o.run) FROM _finding AS o WHERE o.run <= now.run AND o.kind = f.kind AND o.pid = f.pid AND o.detail = f.detail
);
