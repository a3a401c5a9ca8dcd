-- What changed from one published run to the next, since when something is wrong in the directory, full-text search; held runs.

-- The published run that this one compares itself with: it may be published, or continued, only as long as that one is.
ALTER TABLE _run ADD COLUMN base INTEGER NOT NULL DEFAULT 0;
UPDATE _run SET base = (SELECT run FROM _published) WHERE status IN ('running', 'interrupted');
-- 1: a dry run, which is always held. It neither continues a real run nor is continued by one.
ALTER TABLE _run ADD COLUMN dry INTEGER NOT NULL DEFAULT 0;
-- Why a held run is held; null: it is not, or was released.
ALTER TABLE _run ADD COLUMN held TEXT CHECK (held IN ('drop', 'root', 'question', 'dry'));

-- The oldest published run of which history is kept: earlier ones were pruned.
ALTER TABLE _published ADD COLUMN oldest INTEGER NOT NULL DEFAULT 0;
UPDATE _published SET oldest = coalesce((SELECT min(id) FROM _run WHERE published_at IS NOT NULL), 0);

-- Who differs, from which version to which. Stamped with the run: readers see those of published ones.
CREATE TABLE _change (
  run INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('joined', 'left', 'detached', 'returned', 'moved', 'changed')),
  before INTEGER, -- the version that was published; null where the person was not
  after INTEGER,  -- the version that is; null where the person is not any more
  PRIMARY KEY (run, pid, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX _change_pid ON _change (pid, run);

-- Lines of published versions whose values a run has found written otherwise: put in place when readers see the run.
CREATE TABLE _respelt (
  run INTEGER NOT NULL,
  vid INTEGER NOT NULL,
  n INTEGER NOT NULL,
  manager INTEGER,
  value TEXT NOT NULL,
  PRIMARY KEY (run, vid, n)
) STRICT, WITHOUT ROWID;

-- Of those whom a run has not seen, whoever the server has said is gone: asked once, whatever interrupts the run.
CREATE TABLE _gone (
  run INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  PRIMARY KEY (run, pid)
) STRICT, WITHOUT ROWID;

-- What is wrong in the directory's data, from the run that found it to the one that did not any more. pid 0: it concerns
-- nobody in the runs; id: of somebody who is no employee of the run.
CREATE TABLE _problem (
  n INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  pid INTEGER NOT NULL,
  id TEXT,
  detail TEXT NOT NULL,
  from_run INTEGER NOT NULL,
  to_run INTEGER
) STRICT;
CREATE INDEX _problem_pid ON _problem (pid, kind, detail);
CREATE INDEX _problem_kind ON _problem (kind);

-- _finding holds from now on what an unfinished run has found: it goes with the rest of its working state.
DROP VIEW findings;
INSERT INTO _problem (kind, pid, id, detail, from_run)
SELECT f.kind, f.pid, f.id, f.detail, (
  SELECT min(o.run) FROM _finding AS o WHERE o.pid = f.pid AND o.kind = f.kind AND o.detail = f.detail AND o.run <= f.run
)
FROM _finding AS f JOIN _published AS p ON p.run = f.run;
DELETE FROM _finding WHERE run IN (SELECT id FROM _run WHERE status NOT IN ('running', 'interrupted'));
DROP INDEX _finding_since;
-- 1: derived when the run was prepared, and derived anew when it is prepared again.
ALTER TABLE _finding ADD COLUMN derived INTEGER NOT NULL DEFAULT 0;

-- Names, titles, departments and mail, by the number of the version: whoever is published is found by their version in _place.
-- Nothing but the index is kept here, of folded text (src/domain/fold.ts). prefix: a single letter begins so many words that
-- to put them together takes longer than to answer; two and more are quick without. What is taken out again is
-- told word for word, from the version: see src/store/publishing/search.ts, which puts it in by the same rule.
CREATE VIRTUAL TABLE _search USING fts5 (
  username, name, email, employee_number, title, department,
  content = '', prefix = '1', tokenize = "unicode61 remove_diacritics 2"
);
INSERT INTO _search (rowid, username, name, email, employee_number, title, department)
SELECT vid, orgwalk_fold(username), orgwalk_fold(concat_ws(' ', name,
  iif(instr(coalesce(name, ''), given_name), NULL, given_name), iif(instr(coalesce(name, ''), surname), NULL, surname))), orgwalk_fold(email),
  employee_number, orgwalk_fold(title), orgwalk_fold(department)
FROM _version AS v WHERE EXISTS (SELECT 1 FROM _place AS p WHERE p.pid = v.pid AND p.vid = v.vid) ORDER BY vid;

-- Who reports to whom is looked up by id in either direction, and is to be found by an index in both: that is why pid is
-- compared beside vid, and why the manager is one join. Of two LEFT JOINs in a row, SQLite takes only the last one for a
-- JOIN where manager_id is asked for, and begins with everyone (test/store/plans.test.ts).
DROP VIEW employees;
CREATE VIEW employees AS
SELECT v.id, v.dn, v.username, v.name, v.given_name, v.surname, v.email, v.title, v.department, v.employee_number,
  v.phone, v.location, v.active, m.id AS manager_id, m.dn AS manager_dn, p.depth, p.direct_reports, p.total_reports,
  first.started_at AS first_seen_at, since.started_at AS changed_at, seen.started_at AS confirmed_at, v.attributes
FROM _published AS now
JOIN _place AS p ON p.from_run <= now.run AND (p.to_run IS NULL OR p.to_run > now.run)
JOIN _version AS v ON v.vid = p.vid AND v.pid = p.pid
LEFT JOIN _version AS m ON m.pid = p.manager AND m.vid = (
  SELECT mp.vid FROM _place AS mp
  WHERE mp.pid = p.manager AND mp.from_run <= now.run AND (mp.to_run IS NULL OR mp.to_run > now.run)
)
LEFT JOIN _run AS first ON first.id = p.first_run
LEFT JOIN _run AS since ON since.id = v.from_run
LEFT JOIN _run AS seen ON seen.id = coalesce(p.seen_run, now.whole);

DROP VIEW reporting_lines;
CREATE VIEW reporting_lines AS
SELECT v.id AS employee_id, m.id AS manager_id, l.value AS manager_dn,
  l.manager IS NOT NULL AND l.manager IS p.manager AND NOT EXISTS (
    SELECT 1 FROM _line AS o WHERE o.vid = l.vid AND o.manager = l.manager AND o.n < l.n
  ) AS is_primary
FROM _published AS now
JOIN _place AS p ON p.from_run <= now.run AND (p.to_run IS NULL OR p.to_run > now.run)
JOIN _version AS v ON v.vid = p.vid AND v.pid = p.pid
JOIN _line AS l ON l.vid = p.vid
LEFT JOIN _version AS m ON m.pid = l.manager AND m.vid = (
  SELECT mp.vid FROM _place AS mp
  WHERE mp.pid = l.manager AND mp.from_run <= now.run AND (mp.to_run IS NULL OR mp.to_run > now.run)
);

CREATE VIEW employee_history AS
SELECT v.id, v.dn, v.username, v.name, v.given_name, v.surname, v.email, v.title, v.department, v.employee_number,
  v.phone, v.location, v.active, m.id AS manager_id, m.dn AS manager_dn, v.attributes,
  since.started_at AS valid_from, until.started_at AS valid_to
FROM _published AS now
JOIN _version AS v ON v.from_run <= now.run
-- The first place of the version: what is derived may have changed since, and is not told here.
JOIN _place AS p ON p.pid = v.pid AND p.vid = v.vid AND p.from_run = (
  SELECT min(o.from_run) FROM _place AS o WHERE o.pid = v.pid AND o.vid = v.vid
)
LEFT JOIN _version AS m ON m.pid = p.manager AND m.vid = (
  SELECT mp.vid FROM _place AS mp
  WHERE mp.pid = p.manager AND mp.from_run <= p.from_run AND (mp.to_run IS NULL OR mp.to_run > p.from_run)
)
JOIN _run AS since ON since.id = v.from_run
LEFT JOIN _run AS until ON until.id = v.to_run AND v.to_run <= now.run;

CREATE VIEW findings AS
SELECT f.kind, coalesce((
    SELECT v.id FROM _place AS p JOIN _version AS v ON v.vid = p.vid
    WHERE p.pid = f.pid AND p.from_run <= now.run ORDER BY p.from_run DESC LIMIT 1
  ), f.id) AS employee_id, f.detail, first.started_at AS first_seen_at, last.started_at AS last_seen_at
FROM _published AS now
JOIN _problem AS f ON f.from_run <= now.run AND (f.to_run IS NULL OR f.to_run > now.run)
JOIN _run AS first ON first.id = f.from_run
JOIN _run AS last ON last.id = now.run;

-- What a version tells of a person, by column.
CREATE VIEW _told AS
SELECT vid, id, json_object('id', id, 'dn', dn, 'username', username, 'name', name, 'given_name', given_name,
  'surname', surname, 'email', email, 'title', title, 'department', department, 'employee_number', employee_number,
  'phone', phone, 'location', location, 'active', active, 'attributes', json(nullif(attributes, '{}'))) AS content
FROM _version;

-- before and after tell what differs, by column: of whoever moved the managers, of whoever changed the rest, of everyone else
-- both. manager_id is the primary manager, manager_ids are all of them.
CREATE VIEW changes AS
WITH told AS (
  SELECT c.run, c.pid, c.kind, e.id, b.id AS was_id, a.id AS is_id,
    CASE c.kind WHEN 'changed' THEN b.content ELSE json_set(iif(c.kind = 'moved', '{}', b.content),
      '$.manager_id', (
        SELECT m.id FROM _place AS p
        JOIN _place AS mp ON mp.pid = p.manager AND mp.from_run < c.run AND (mp.to_run IS NULL OR mp.to_run >= c.run)
        JOIN _version AS m ON m.vid = mp.vid
        WHERE p.pid = c.pid AND p.from_run < c.run AND (p.to_run IS NULL OR p.to_run >= c.run)
      ), '$.manager_ids', json((
        SELECT json_group_array(id) FROM (
          SELECT DISTINCT m.id FROM _line AS l
          JOIN _place AS mp ON mp.pid = l.manager AND mp.from_run < c.run AND (mp.to_run IS NULL OR mp.to_run >= c.run)
          JOIN _version AS m ON m.vid = mp.vid WHERE l.vid = c.before ORDER BY m.id
        )
      ))) END AS was,
    CASE c.kind WHEN 'changed' THEN a.content ELSE json_set(iif(c.kind = 'moved', '{}', a.content),
      '$.manager_id', (
        SELECT m.id FROM _place AS p
        JOIN _place AS mp ON mp.pid = p.manager AND mp.from_run <= c.run AND (mp.to_run IS NULL OR mp.to_run > c.run)
        JOIN _version AS m ON m.vid = mp.vid
        WHERE p.pid = c.pid AND p.from_run <= c.run AND (p.to_run IS NULL OR p.to_run > c.run)
      ), '$.manager_ids', json((
        SELECT json_group_array(id) FROM (
          SELECT DISTINCT m.id FROM _line AS l
          JOIN _place AS mp ON mp.pid = l.manager AND mp.from_run <= c.run AND (mp.to_run IS NULL OR mp.to_run > c.run)
          JOIN _version AS m ON m.vid = mp.vid WHERE l.vid = c.after ORDER BY m.id
        )
      ))) END AS is_now
  FROM _published AS now
  JOIN _change AS c ON c.run <= now.run
  JOIN _version AS e ON e.vid = coalesce(c.after, c.before) AND e.pid = c.pid
  LEFT JOIN _told AS b ON b.vid = c.before
  LEFT JOIN _told AS a ON a.vid = c.after
)
SELECT t.run AS run_id, r.started_at AS at, t.id AS employee_id, t.kind,
  CASE WHEN t.was_id IS NOT NULL THEN (
    SELECT json_group_object(w.key, iif(w.type IN ('object', 'array'), json(w.value), w.value))
    FROM json_each(t.was) AS w LEFT JOIN json_each(t.is_now) AS i ON i.key = w.key
    WHERE w.value IS NOT i.value AND (t.is_id IS NOT NULL OR w.value IS NOT NULL)
  ) END AS before,
  CASE WHEN t.is_id IS NOT NULL THEN (
    SELECT json_group_object(i.key, iif(i.type IN ('object', 'array'), json(i.value), i.value))
    FROM json_each(t.is_now) AS i LEFT JOIN json_each(t.was) AS w ON w.key = i.key
    WHERE i.value IS NOT w.value AND (t.was_id IS NOT NULL OR i.value IS NOT NULL)
  ) END AS after
FROM told AS t JOIN _run AS r ON r.id = t.run;
